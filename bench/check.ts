/** How long `kp check` takes on one file beyond the bare runtime, and on what. */
import { interleave, table } from "./rounds.ts";

const ROUNDS = { rounds: 20, warmup: 3 };

const root = new URL("..", import.meta.url).pathname;
const main = `${root}src/main.ts`;
const file = `${root}test/fixtures/manifests/pod-compliant.json`;
const nothing = await Deno.makeTempFile({ suffix: ".ts" });

try {
  const series = await interleave([
    { name: "an empty script", sample: () => milliseconds([nothing]) },
    { name: "kp --version", sample: () => milliseconds([main, "--version"]) },
    { name: "kp config print", sample: () => milliseconds([main, "config", "print"]) },
    { name: "kp check, one file", sample: () => milliseconds([main, "check", file]) },
  ], ROUNDS);
  console.log(table("start to end of a process", { unit: "ms", series }));
} finally {
  await Deno.remove(nothing);
}

async function milliseconds(args: readonly string[]): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", ...args],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  const started = performance.now();
  const { success } = await command.output();
  if (!success) throw new Error(`Cannot run ${args.join(" ")}`);
  return performance.now() - started;
}
