import { BuiltinError } from "../builtin.ts";
import { fromBase64 } from "./binary_text.ts";

/** One block of a PEM text (RFC 7468), such as `CERTIFICATE`. */
export interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What follows the block's last line. */
  readonly rest: string;
}

const BEGIN = "-----BEGIN ";
const END = "\n-----END ";
const DASHES = "-----";

/** Whether a text is meant as PEM rather than as base64 of DER. */
export function isPem(text: string): boolean {
  return text.startsWith("-----BEGIN");
}

/** The blocks of a text in their order; text between them is skipped. */
export function* pemBlocks(text: string): Generator<PemBlock> {
  for (let block = nextPemBlock(text); block !== undefined; block = nextPemBlock(block.rest)) yield block;
}

/** The first block that is well-formed, as Go's pem.Decode finds it. */
export function nextPemBlock(text: string): PemBlock | undefined {
  let from = 0;
  for (let end = text.indexOf(END, from); end !== -1; end = text.indexOf(END, from)) {
    const block = blockBefore(text, from, end);
    if (block !== undefined) return block;
    from = end + END.length;
  }
  return undefined;
}

/** The block whose END line starts at `end` and whose BEGIN line is the last one since `from`. */
function blockBefore(text: string, from: number, end: number): PemBlock | undefined {
  const begin = text.slice(from, end).lastIndexOf(BEGIN) + from;
  if (begin < from || (begin > 0 && text[begin - 1] !== "\n")) return undefined;
  const [typeLine, body] = lineAt(text, begin + BEGIN.length);
  if (!typeLine.endsWith(DASHES)) return undefined;
  const type = typeLine.slice(0, -DASHES.length);
  const [endLine, next] = lineAt(text, end + END.length);
  if (endLine !== type + DASHES) return undefined;
  // The END line's own newline may be the BEGIN line's, when there is nothing between them.
  const start = afterHeaders(text, Math.min(body, end + 1));
  if (start > end + 1) return undefined;
  try {
    return { type, bytes: fromBase64(text.slice(start, end).replace(/[ \t]/g, "")), rest: text.slice(next) };
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

/** Past the `key: value` lines that may precede the base64 (RFC 1421). */
function afterHeaders(text: string, at: number): number {
  for (let [line, next] = lineAt(text, at); line.includes(":"); [line, next] = lineAt(text, at)) at = next;
  return at;
}

/** The line without its end and trailing blanks, and where the next one starts. */
function lineAt(text: string, at: number): [string, number] {
  const newline = text.indexOf("\n", at);
  const [end, next] = newline === -1 ? [text.length, text.length] : [newline, newline + 1];
  return [text.slice(at, end).replace(/\r$/, "").trimEnd(), next];
}
