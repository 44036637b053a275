import { concat } from "./bytes.ts";

/** A section of a WebAssembly module: https://webassembly.github.io/spec/core/binary/modules.html#sections */
export interface Section {
  readonly id: number;
  readonly bytes: Uint8Array;
}

const HEADER_LENGTH = 8;
const CALL = 0x10;

/** Reads the binary format. Throws a RangeError where the bytes end too early. */
export class Reader {
  #at = 0;
  constructor(readonly bytes: Uint8Array) {}

  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.bytes.length;
  }

  byte(): number {
    return this.take(1)[0];
  }

  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.#at) throw new RangeError("the module ends within a section");
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  /** A LEB128 number of at most 32 bits. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("a number of the module is too long");
  }

  /** Passes over LEB128 numbers of any size. */
  skip(numbers: number): void {
    for (let left = numbers; left > 0;) if (this.byte() < 0x80) left--;
  }

  sized(): Uint8Array {
    return this.take(this.unsigned());
  }

  list<Item>(item: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.unsigned(); left > 0; left--) items.push(item());
    return items;
  }
}

export function readSections(wasm: Uint8Array): Section[] {
  const reader = new Reader(wasm.subarray(HEADER_LENGTH));
  const sections: Section[] = [];
  while (!reader.done) sections.push({ id: reader.byte(), bytes: reader.sized() });
  return sections;
}

export function writeModule(sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const header = [0, ...new TextEncoder().encode("asm"), 1, 0, 0, 0];
  return concat([header, ...sections.flatMap(({ id, bytes }) => [[id], sized(bytes)])]);
}

/** A list in the binary format: the count, then the items. */
export function list(items: readonly Iterable<number>[]): Uint8Array {
  return concat([unsigned(items.length), ...items]);
}

export function sized(bytes: Uint8Array): Uint8Array {
  return concat([unsigned(bytes.length), bytes]);
}

export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

export function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/**
 * The code of a function with other callees. Throws a RangeError for an instruction that WebAssembly 1.0 does not have.
 */
export function redirectCalls(code: Uint8Array, replace: (callee: number) => number): Uint8Array {
  const reader = new Reader(code);
  const parts: Iterable<number>[] = [];
  let copied = 0;
  reader.list(() => reader.skip(2));
  while (!reader.done) {
    const opcode = reader.byte();
    if (opcode !== CALL) {
      skipImmediates(reader, opcode);
      continue;
    }
    parts.push(code.subarray(copied, reader.at), unsigned(replace(reader.unsigned())));
    copied = reader.at;
  }
  return concat([...parts, code.subarray(copied)]);
}

/** https://www.w3.org/TR/wasm-core-1/#a7-index-of-instructions */
function skipImmediates(reader: Reader, opcode: number): void {
  if (opcode <= 0x01 || isBetween(opcode, 0x45, 0xbf) || [0x05, 0x0b, 0x0f, 0x1a, 0x1b].includes(opcode)) return;
  if (isBetween(opcode, 0x20, 0x24) || isBetween(opcode, 0x3f, 0x42)) return reader.skip(1);
  if ([0x02, 0x03, 0x04, 0x0c, 0x0d].includes(opcode)) return reader.skip(1);
  if (isBetween(opcode, 0x28, 0x3e) || opcode === 0x11) return reader.skip(2);
  if (opcode === 0x0e) return reader.skip(reader.unsigned() + 1);
  if (opcode === 0x43 || opcode === 0x44) return void reader.take(opcode === 0x43 ? 4 : 8);
  throw new RangeError(`the instruction 0x${opcode.toString(16)} is not one that WebAssembly 1.0 has`);
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
