const REQUIRED = Deno.env.get("KP_REQUIRE_ALL") === "1";

export interface Requiring {
  /** Why the test cannot run on this machine; undefined where it can. */
  readonly missing: string | undefined;
  run(): void | Promise<void>;
}

/** A test of what not every machine has. Without it the test is ignored, and says why; with KP_REQUIRE_ALL=1 it fails. */
export function testRequiring(name: string, { missing, run }: Requiring): void {
  Deno.test({
    name: missing === undefined ? name : `${name} (${missing})`,
    ignore: missing !== undefined && !REQUIRED,
    async fn() {
      if (missing !== undefined) throw new Error(`Cannot run with KP_REQUIRE_ALL=1: ${missing}`);
      await run();
    },
  });
}
