/** Cases of other projects are not copied into this one: they are read from the folder that KP_CORPORA names. */
const FOLDER = Deno.env.get("KP_CORPORA") ?? "";
const REQUIRED = Deno.env.get("KP_REQUIRE_ALL") === "1";

export interface CorpusTest {
  /** Below the folder. */
  readonly file: string;
  run(path: string): void | Promise<void>;
}

/** A test over a corpus. Without the corpus it is ignored, and says so; with KP_REQUIRE_ALL=1 it fails. */
export function corpusTest(name: string, { file, run }: CorpusTest): void {
  const path = `${FOLDER}/${file}`;
  const missing = missingOf(path);
  Deno.test({
    name: missing === undefined ? name : `${name} (${missing})`,
    ignore: missing !== undefined && !REQUIRED,
    async fn() {
      if (missing !== undefined) throw new Error(`Cannot run with KP_REQUIRE_ALL=1: ${missing}`);
      await run(path);
    },
  });
}

function missingOf(path: string): string | undefined {
  if (FOLDER === "") return "KP_CORPORA is not set";
  try {
    Deno.statSync(path);
  } catch {
    return `${path} is not there`;
  }
}
