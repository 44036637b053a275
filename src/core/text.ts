// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const CONTROLS = new RegExp(`${CONTROL.source}+`, "g");

/** One line without control characters: the API server drops warnings that hold any. */
export function oneLine(text: string): string {
  if (!CONTROL.test(text)) return text;
  return text.split("\n").map((line) => line.trim()).filter(Boolean).join("; ").replace(CONTROLS, " ");
}

/** The first runes of a text. Never cuts a surrogate pair. */
export function firstRunes(text: string, count: number): string {
  if (text.length <= count) return text;
  return [...text].slice(0, count).join("");
}

/** Sorted by the bytes of their UTF-8 form, without duplicates. */
export function sortedUnique(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(compareBytewise);
}

/** Order of the UTF-8 bytes: that of UTF-16 but for surrogates, which come after U+E000 to U+FFFF. */
function compareBytewise(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const [xHigh, yHigh] = [isSurrogate(x), isSurrogate(y)];
    if (xHigh !== yHigh && x >= 0xd800 && y >= 0xd800) return xHigh ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** An error's name and message on one line; policies may throw anything. */
export function causeOf(cause: unknown): string {
  try {
    return oneLine(cause instanceof Error ? errorText(cause) : `threw ${String(cause)}`);
  } catch {
    return "threw a value that cannot be shown";
  }
}

function errorText({ name, message }: Error): string {
  return name === "Error" ? message : `${name}: ${message}`;
}
