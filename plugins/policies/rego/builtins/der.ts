import { type AsnType, Constructed, fromBER, ObjectIdentifier, Sequence, Set as Asn1Set } from "asn1js";
import { BuiltinError } from "../builtin.ts";

/** Identifier octets (X.690, 8.1.2). Context-specific ones are `0x80 + n`, or `0xa0 + n` when constructed. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
};

/** One element of a DER encoding. */
export class DerElement {
  readonly tag: number;
  /** With identifier and length. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
  readonly #node: AsnType;

  constructor(node: AsnType) {
    const { idBlock, lenBlock } = node;
    if (lenBlock.isIndefiniteForm || lenBlock.warnings.length > 0 || idBlock.tagNumber > 30) throw malformed("DER");
    this.tag = ((idBlock.tagClass - 1) << 6) | (idBlock.isConstructed ? 0x20 : 0) | idBlock.tagNumber;
    this.raw = node.valueBeforeDecodeView;
    this.content = this.raw.subarray(idBlock.blockLength + lenBlock.blockLength);
    if (this.content.length !== lenBlock.length) throw malformed("DER");
    this.#node = node;
  }

  /** What a SEQUENCE, a SET or an explicit tag holds. */
  children(): DerReader {
    const node = this.#node;
    if (!(node instanceof Sequence || node instanceof Asn1Set || node instanceof Constructed)) throw malformed("DER");
    const nodes = node.valueBlock.value as AsnType[];
    // The library lets the elements run past the end of what holds them.
    const length = nodes.reduce((sum, { valueBeforeDecodeView }) => sum + valueBeforeDecodeView.length, 0);
    if (length !== this.content.length) throw malformed("DER");
    return new DerReader(nodes);
  }

  /** Dotted: `2.5.29.17`. */
  objectIdentifier(): string {
    const isPadded = this.content.some((byte, i) => byte === 0x80 && !(this.content[i - 1] >= 0x80));
    if (!(this.#node instanceof ObjectIdentifier) || isPadded || this.content.length === 0) {
      throw malformed("object identifier");
    }
    return this.#node.getValue();
  }
}

/** The elements inside another, one after the other. Every method throws BuiltinError for what is not there. */
export class DerReader {
  #at = 0;
  constructor(readonly nodes: readonly AsnType[]) {}

  get done(): boolean {
    return this.#at >= this.nodes.length;
  }

  /** The next element; of the given tag when there is one. */
  next(tag?: number): DerElement {
    if (this.done) throw malformed("DER");
    const element = new DerElement(this.nodes[this.#at++]);
    if (tag !== undefined && element.tag !== tag) throw malformed("DER");
    return element;
  }

  /** The next element if it has the tag. */
  optional(tag: number): DerElement | undefined {
    return !this.done && new DerElement(this.nodes[this.#at]).tag === tag ? this.next() : undefined;
  }

  /** All that is left. */
  *rest(tag?: number): Generator<DerElement> {
    while (!this.done) yield this.next(tag);
  }
}

/** The first element of some bytes; others may follow. Throws BuiltinError for what is not DER. */
export function readDer(bytes: Uint8Array, tag?: number): DerElement {
  const { offset, result } = fromBER(bytes as Uint8Array<ArrayBuffer>, { parseEmbedded: false });
  if (offset === -1) throw malformed(`DER: ${result.error}`);
  const element = new DerElement(result);
  if (tag !== undefined && element.tag !== tag) throw malformed("DER");
  return element;
}

export function malformed(what: string): BuiltinError {
  return new BuiltinError(`malformed ${what}`);
}
