/** All bytes of the parts, one after another. */
export function concat(parts: readonly Iterable<number>[]): Uint8Array<ArrayBuffer> {
  const chunks = parts.map((part) => part instanceof Uint8Array ? part : Uint8Array.from(part));
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
