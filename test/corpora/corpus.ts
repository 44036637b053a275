import { testRequiring } from "../requiring.ts";

/** Cases of other projects are not copied into this one: they are read from the folder that KP_CORPORA names. */
const FOLDER = Deno.env.get("KP_CORPORA") ?? "";

export interface CorpusTest {
  /** Below the folder. */
  readonly file: string;
  run(path: string): void | Promise<void>;
}

/** A test over a corpus, which not every machine has. */
export function corpusTest(name: string, { file, run }: CorpusTest): void {
  testRequiring(name, { missing: missingCorpus(file), run: () => run(corpusPath(file)) });
}

export function corpusPath(file: string): string {
  return `${FOLDER}/${file}`;
}

/** Why a corpus cannot be read; undefined where it can. */
export function missingCorpus(file: string): string | undefined {
  if (FOLDER === "") return "KP_CORPORA is not set";
  try {
    Deno.statSync(corpusPath(file));
  } catch {
    return `${corpusPath(file)} is not there`;
  }
}
