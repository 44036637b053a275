import { type DerElement, malformed, TAG } from "./der.ts";
import { fromUtf8 } from "./binary_text.ts";

/** An INTEGER in the fewest octets. Throws BuiltinError. */
export function integerOf({ content }: DerElement): bigint {
  const [first, second] = content;
  if (content.length === 0) throw malformed("integer");
  if (content.length > 1 && ((first === 0 && second < 128) || (first === 255 && second >= 128))) {
    throw malformed("integer");
  }
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toHex()}`));
}

/** An INTEGER that is a count. Throws BuiltinError for one beyond 2^53. */
export function smallIntegerOf(element: DerElement): number {
  const value = Number(integerOf(element));
  if (!Number.isSafeInteger(value)) throw malformed("integer");
  return value;
}

export function booleanOf({ content }: DerElement): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 255)) throw malformed("boolean");
  return content[0] === 255;
}

/** The bits from the first, as Go's BitString.RightAlign gives them: shifted to the last octet's end. */
export function bitStringOf({ content }: DerElement): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(content.subarray(1));
  const unused = content[0];
  if (content.length === 0 || unused > 7 || (unused > 0 && bits.length === 0)) throw malformed("bit string");
  if (unused === 0) return bits;
  if ((bits[bits.length - 1] & ((1 << unused) - 1)) !== 0) throw malformed("bit string");
  for (let i = bits.length - 1; i >= 0; i--) bits[i] = (bits[i] >> unused) | ((bits[i - 1] ?? 0) << (8 - unused));
  return bits;
}

/** Of the first nine bits, the first as 1, the second as 2 and so on. */
export function bitMaskOf(element: DerElement): number {
  bitStringOf(element);
  let mask = 0;
  for (let i = 0; i < 9; i++) {
    if (((element.content[1 + (i >> 3)] ?? 0) & (0x80 >> (i & 7))) !== 0) mask |= 1 << i;
  }
  return mask;
}

/** The numbers of an object identifier. Throws BuiltinError for those that Go's asn1.ObjectIdentifier cannot hold. */
export function numbersOf(objectIdentifier: string): number[] {
  const numbers = objectIdentifier.split(".").map(Number);
  if (numbers.some((number) => !(number < 2 ** 31))) throw malformed("object identifier");
  return numbers;
}

/** Only ASCII. Throws BuiltinError. */
export function ia5Of({ content }: DerElement): string {
  if (content.some((byte) => byte > 127)) throw malformed("IA5String");
  return fromUtf8(content);
}

const CHARACTERS: Readonly<Record<number, RegExp>> = {
  [TAG.printableString]: /^[A-Za-z0-9'()+,\-./ :=?*&]*$/,
  [TAG.numericString]: /^[0-9 ]*$/,
  // deno-lint-ignore no-control-regex
  [TAG.ia5String]: /^[\x00-\x7f]*$/,
};

/** A character string of a name (parseASN1String of crypto/x509). Throws BuiltinError for other types. */
export function stringOf({ tag, content }: DerElement): string {
  if (tag === TAG.bmpString) return bmpStringOf(content);
  if (tag === TAG.utf8String) return strictUtf8(content);
  const latin1 = Array.from(content, (byte) => String.fromCharCode(byte)).join("");
  if (tag === TAG.t61String || CHARACTERS[tag]?.test(latin1)) return latin1;
  throw malformed("string");
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function strictUtf8(content: Uint8Array): string {
  try {
    return strictDecoder.decode(content);
  } catch {
    throw malformed("UTF8String");
  }
}

function bmpStringOf(content: Uint8Array): string {
  if (content.length % 2 !== 0) throw malformed("BMPString");
  const units = Array.from({ length: content.length / 2 }, (_, i) => (content[2 * i] << 8) | content[2 * i + 1]);
  if (units.at(-1) === 0) units.pop();
  const reserved = (unit: number) =>
    unit >= 0xfffe || (unit >= 0xfdd0 && unit <= 0xfdef) || (unit >= 0xd800 && unit <= 0xdfff);
  if (units.some(reserved)) throw malformed("BMPString");
  return units.map((unit) => String.fromCharCode(unit)).join("");
}

/** A point in time, and how Go writes it (RFC 3339). */
export interface DerTime {
  /** Milliseconds since 1970 UTC. */
  readonly epoch: number;
  readonly text: string;
}

const TIME = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-]\d\d)(\d\d))$/;

/** A UTCTime or a GeneralizedTime. Throws BuiltinError. */
export function timeOf(element: DerElement): DerTime {
  const [, digits, month, day, hour, minute, second = "00", zoneHours, zoneMinutes] =
    TIME.exec(fromUtf8(element.content)) ?? [];
  const isUtc = element.tag === TAG.utcTime;
  if (digits?.length !== (isUtc ? 2 : 4) || (!isUtc && element.tag !== TAG.generalizedTime)) throw malformed("time");
  const year = isUtc ? (digits < "50" ? "20" : "19") + digits : digits;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const zone = zoneHours === undefined ? "Z" : `${zoneHours}:${zoneMinutes}`;
  const epoch = Date.parse(local + zone);
  const asUtc = Date.parse(`${local}Z`);
  // Date.parse accepts 31 February.
  if (Number.isNaN(epoch) || !new Date(asUtc).toISOString().startsWith(local)) throw malformed("time");
  return { epoch, text: local + zone };
}
