import { printParseErrorCode, visit } from "jsonc-parser";
import { foundValue } from "./errors.ts";

/**
 * Reads one JSON document. Duplicate keys are refused: JavaScript keeps the last, Go's decoder merges some, so two
 * readers would judge two objects. Throws a SyntaxError with line and column, both from 1.
 */
export function parseStrictJson(text: string, firstLine = 1): unknown {
  const keys: Map<string, string>[] = [];
  const placeOf = (line: number, column: number) => `line ${line + firstLine}, column ${column + 1}`;
  visit(text, {
    onObjectBegin: () => void keys.push(new Map()),
    onObjectEnd: () => void keys.pop(),
    onObjectProperty(name, _offset, _length, line, column) {
      const seen = keys.at(-1)!;
      const [place, first] = [placeOf(line, column), seen.get(name)];
      if (first !== undefined) {
        throw new SyntaxError(`Cannot read JSON: duplicate key ${foundValue(name)} at ${place} (first at ${first})`);
      }
      seen.set(name, place);
    },
    onError(code, _offset, _length, line, column) {
      throw new SyntaxError(`Cannot read JSON: ${inWords(printParseErrorCode(code))} at ${placeOf(line, column)}`);
    },
  }, { disallowComments: true });
  return JSON.parse(text);
}

/** `CommaExpected` -> `comma expected`. */
function inWords(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}
