/** What wrk measured: answers per second, and milliseconds to an answer. */
export interface Measured {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Asked {
  readonly url: string;
  /** One review a line, sent in turn. */
  readonly reviews: string;
  readonly connections: number;
  readonly seconds: number;
}

const SCRIPT = new URL("wrk.lua", import.meta.url).pathname;

/** Loads a server by wrk, which takes less of the processor than any generator of our own. Fails where an answer does. */
export async function load({ url, reviews, connections, seconds }: Asked): Promise<Measured> {
  const args = [
    "--threads",
    "1",
    "--connections",
    String(connections),
    "--duration",
    `${seconds}s`,
    "--script",
    SCRIPT,
  ];
  const { success, stdout, stderr } = await new Deno.Command("wrk", { args: [...args, url, "--", reviews] }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const found = /^measured (\S+) (\S+) (\S+) (\S+)$/m.exec(text)?.slice(1).map(Number);
  if (!success || !found) throw new Error(`Cannot load ${url}: ${text}${errors}`);
  const [rate, p50, p99, failed] = found;
  if (failed > 0) throw new Error(`Cannot use the answers of ${url}: ${failed} failed`);
  return { rate, p50: p50 / 1000, p99: p99 / 1000 };
}
