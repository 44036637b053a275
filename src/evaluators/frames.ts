/**
 * What the front and an evaluator process write to each other: 32 bytes of head (length of the meta data and of the
 * body as little-endian 32-bit numbers, 8 bytes reserved, the nonce), the meta data as JSON, the body as it is.
 */
export interface Frame<Meta = unknown> {
  /** Of a question: fresh and random, so that nobody can answer a question that was not asked. */
  readonly nonce: Uint8Array;
  readonly meta: Meta;
  readonly body: Uint8Array;
}

const HEAD = 32;
const NONCE_AT = 16;
export const NONCE_LENGTH = 16;
export const NO_BODY = new Uint8Array();

/** Bytes that no honest frame reaches: the meta data holds no object, a body is a review, an answer or a policy set. */
const LONGEST = 512 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function encodeFrame({ nonce, meta, body }: Frame): Uint8Array {
  const json = encoder.encode(JSON.stringify(meta));
  const bytes = new Uint8Array(HEAD + json.length + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, json.length, true);
  view.setUint32(4, body.length, true);
  bytes.set(nonce, NONCE_AT);
  bytes.set(json, HEAD);
  bytes.set(body, HEAD + json.length);
  return bytes;
}

/** Whether a frame answers the question with this nonce. */
export function answers(frame: Frame, nonce: Uint8Array): boolean {
  return frame.nonce.every((byte, i) => byte === nonce[i]);
}

/** Takes a stream apart into frames, however its chunks are cut. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #needed = HEAD;

  /** The frames that are whole with this chunk. Throws for what is no frame. */
  *add(chunk: Uint8Array): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      const bytes = this.#joined();
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const [meta, body] = [view.getUint32(0, true), view.getUint32(4, true)];
      this.#needed = HEAD + meta + body;
      if (this.#needed > LONGEST) throw new RangeError(`Cannot read a frame of ${this.#needed} bytes`);
      if (bytes.length < this.#needed) return;
      this.#chunks = [bytes.subarray(this.#needed)];
      this.#length -= this.#needed;
      this.#needed = HEAD;
      yield {
        nonce: bytes.subarray(NONCE_AT, NONCE_AT + NONCE_LENGTH),
        meta: JSON.parse(decoder.decode(bytes.subarray(HEAD, HEAD + meta))),
        body: bytes.subarray(HEAD + meta, HEAD + meta + body),
      };
    }
  }

  #joined(): Uint8Array {
    if (this.#chunks.length > 1) this.#chunks = [joined(this.#chunks)];
    return this.#chunks[0];
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
