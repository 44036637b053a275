import { Buffer } from "node:buffer";
import type { AdmissionRequest } from "./contract.ts";
import { isFields } from "./core/malformed.ts";
import { readReview, type ReviewVersion } from "./core/wire.ts";
import { decode, type Input } from "./inputs.ts";
import { parseStrictJson } from "./strict_json.ts";

/** A recorded AdmissionReview, or why the text at that line is none. */
export type Recording =
  | {
    readonly success: true;
    /** `<file>:<line>`, with the position in a list. */
    readonly place: string;
    readonly version: ReviewVersion;
    readonly request: AdmissionRequest;
    /** The response that the record holds, if any. */
    readonly response: unknown;
  }
  | { readonly success: false; readonly place: string; readonly message: string };

const NEWLINE = 0x0a;

/** A pretty-printed document has to be held whole; JSON Lines of any size are read line by line. */
const LARGEST_DOCUMENT = 64 * 1024 * 1024;

/** The AdmissionReviews of a file, one at a time: JSON Lines, one document, a list or a `List` of them. */
export async function* recordingsIn(input: Input): AsyncGenerator<Recording> {
  const file = input.name;
  let line = 0;
  try {
    const lines = linesOf(await input.open());
    const head = await headOf(lines);
    if (!head.some(isDocument)) return yield* recordingsOf(await wholeOf(head, lines), { file, line: 1 });
    for (const text of head) yield* recordingsOf(text, { file, line: ++line });
    for await (const text of lines) yield* recordingsOf(text, { file, line: ++line });
  } catch (error) {
    yield { success: false, place: `${file}:${line + 1}`, message: (error as Error).message };
  }
}

/** The lines up to the second that is not blank. */
async function headOf(lines: AsyncIterator<string>): Promise<string[]> {
  const head: string[] = [];
  let written = 0;
  while (written < 2) {
    const { value, done } = await lines.next();
    if (done) break;
    head.push(value);
    if (value.trim() !== "") written++;
  }
  return head;
}

/** Cheap and strict enough to tell one line that is a document from one that is a part of one. */
function isDocument(line: string): boolean {
  try {
    return isFields(JSON.parse(line)) || Array.isArray(JSON.parse(line));
  } catch {
    return false;
  }
}

async function wholeOf(head: readonly string[], rest: AsyncIterable<string>): Promise<string> {
  const lines = [...head];
  let size = 0;
  for await (const line of rest) {
    size += line.length;
    if (size > LARGEST_DOCUMENT) {
      throw new RangeError(`Cannot read one document of over ${LARGEST_DOCUMENT} bytes: use JSON Lines`);
    }
    lines.push(line);
  }
  return lines.join("\n");
}

function* recordingsOf(text: string, { file, line }: { file: string; line: number }): Generator<Recording> {
  if (text.trim() === "") return;
  const place = `${file}:${line}`;
  let value: unknown;
  try {
    value = parseStrictJson(text, line);
  } catch (error) {
    return yield { success: false, place, message: (error as Error).message };
  }
  const items = itemsOf(value);
  for (const [i, item] of items.entries()) {
    const own = items.length > 1 ? `${place}[${i}]` : place;
    const review = readReview(item);
    yield { ...review, place: own };
  }
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) && Array.isArray(value.items) ? value.items : [value];
}

/** Decoded line by line, so that what is not UTF-8 is found at its line. */
async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void> {
  let parts: Uint8Array[] = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield decode(Buffer.concat([...parts, chunk.subarray(start, end)]));
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield decode(Buffer.concat(parts));
}
