import { RegoObject } from "../value.ts";

const PLAIN = /^[\da-f]{32}$/i;
const HYPHENATED = /^(?:urn:uuid:)?([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})$/i;
/** Only the place of the braces is looked at. */
const BRACED = /^[\0-\x7f]([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})[\0-\x7f]$/i;

/** What a UUID says of itself (RFC 4122), as OPA's internal/uuid; undefined for what is none. */
export function parseUuid(text: string): RegoObject | undefined {
  const digits = PLAIN.test(text) ? text : (HYPHENATED.exec(text) ?? BRACED.exec(text))?.[1].replaceAll("-", "");
  if (digits === undefined) return undefined;
  const bytes = Uint8Array.fromHex(digits);
  const version = bytes[6] >> 4;
  return new RegoObject(Object.entries({
    version,
    variant: variantOf(bytes[8]),
    ...(version === 1 || version === 2 ? originOf(bytes) : {}),
    ...(version === 2 ? ownerOf(bytes) : {}),
  }));
}

function variantOf(byte: number): string {
  if ((byte & 0xc0) === 0x80) return "RFC4122";
  if ((byte & 0xe0) === 0xc0) return "Microsoft";
  return (byte & 0xe0) === 0xe0 ? "Future" : "Reserved";
}

/** Units of 100 ns between 1582-10-15, where these clocks begin, and 1970. */
const GREGORIAN = 122192928000000000n;

function originOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer);
  const ticks = BigInt(view.getUint32(0)) | BigInt(view.getUint16(4)) << 32n | BigInt(view.getUint16(6) & 0xfff) << 48n;
  const node = bytes.subarray(10);
  return {
    // 64 bits are too few for the last of these clocks, and wrap around in Go.
    time: BigInt.asIntN(64, (ticks - GREGORIAN) * 100n),
    nodeid: Array.from(node, (byte) => byte.toString(16).padStart(2, "0")).join("-"),
    macvariables: `${node[0] & 2 ? "local" : "global"}:${node[0] & 1 ? "multicast" : "unicast"}`,
    clocksequence: view.getUint16(8) & 0x3fff,
  };
}

function ownerOf(bytes: Uint8Array) {
  return {
    id: new DataView(bytes.buffer).getUint32(0),
    domain: ["Person", "Group", "Org"][bytes[9]] ?? `Domain${bytes[9]}`,
  };
}
