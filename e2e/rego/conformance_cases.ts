/** OPA's own conformance cases: a query over modules, data and input, and what it gives. */
import { RegoObject, type Value } from "../../plugins/policies/rego/value.ts";
import { parseValue } from "../../plugins/policies/rego/value_text.ts";

export interface ConformanceCase {
  /** The case's note; what repeats is numbered: `fix1863/is defined #2`. */
  readonly name: string;
  readonly category: string;
  /** Modules of the case, and the one that asks its query. */
  readonly sources: readonly string[];
  readonly data: Value;
  readonly input: Value | undefined;
  /** Whether an error of a built-in fails the query. */
  readonly strict: boolean;
  readonly wanted: Wanted;
}

export type Wanted =
  | { readonly error: string }
  | { readonly bindings: readonly Value[]; readonly isSorted: boolean };

/** A line of the corpus. */
interface Line {
  readonly note: string;
  readonly file: string;
  readonly query: string;
  readonly modules?: readonly string[];
  readonly input_term?: string;
  readonly strict_error?: boolean;
  readonly want_result?: readonly Readonly<Record<string, unknown>>[];
  readonly want_error?: string;
  readonly want_error_code?: string;
  readonly sort_bindings?: boolean;
}

/** The rule that every case is compiled with: all bindings of its query. */
export const ENTRYPOINT = "kp_conformance/result";

export async function readCases(path: string): Promise<ConformanceCase[]> {
  const { readable } = await Deno.open(path);
  const text = await new Response(readable.pipeThrough(new DecompressionStream("gzip"))).text();
  const seen = new Map<string, number>();
  return text.trim().split("\n").map((line) => {
    const { note } = JSON.parse(line) as Line;
    seen.set(note, (seen.get(note) ?? 0) + 1);
    return readCase(line, seen.get(note)!);
  });
}

function readCase(text: string, nth: number): ConformanceCase {
  const line = JSON.parse(text) as Line;
  // Integers beyond 2^53 keep their digits.
  const exact = parseValue(text) as RegoObject;
  const error = line.want_error_code ?? line.want_error;
  return {
    name: nth === 1 ? line.note : `${line.note} #${nth}`,
    category: line.file.split("/")[0],
    sources: [...(line.modules ?? []), ...question(line)],
    data: exact.get("data") ?? new RegoObject(),
    input: exact.get("input"),
    strict: line.strict_error === true,
    wanted: error === undefined
      ? { bindings: exact.get("want_result") as readonly Value[], isSorted: line.sort_bindings === true }
      : { error },
  };
}

/** `with` replaces the input of other rules only, so the query is a rule of its own. */
function question({ query, input_term, want_result = [] }: Line): string[] {
  const variables = [...new Set(want_result.flatMap((binding) => Object.keys(binding)))];
  const binding = variables.map((name) => `"${name}": ${name}`).join(", ");
  const input = input_term === undefined ? "" : ` with input as ${input_term}`;
  return [
    `package kp_conformance\n\nresult := x if {\n\tx := data.kp_query.answers${input}\n}\n`,
    `package kp_query\n\nanswers := [{${binding}} | ${query}]\n`,
  ];
}
