import { BuiltinError } from "../builtin.ts";
import { utf8 } from "./binary_text.ts";

/** The part of a URL, which decides what needs no escape (the encoding table of Go's net/url). */
export type UrlPart = "path" | "host" | "zone" | "userinfo" | "fragment";

const HOST = /[A-Za-z0-9\-_.~!"$&'()*+,:;<=>[\]]/;
const PLAIN: Readonly<Record<UrlPart, RegExp>> = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  host: HOST,
  zone: HOST,
  userinfo: /[A-Za-z0-9\-_.~$&+,;=]/,
  fragment: /[A-Za-z0-9\-_.~!$&()*+,/:;=?@]/,
};

/** The bytes of a part without its `%` escapes. Throws BuiltinError. */
export function unescapeUrl(text: string, part: UrlPart): Uint8Array {
  const bytes: number[] = [];
  const source = utf8(text);
  for (let i = 0; i < source.length; i++) {
    const escaped = source[i] === 0x25;
    const byte = escaped ? hexAt(source, i + 1) : source[i];
    if (escaped ? !mayBeEscaped(byte, part) : !mayStand(byte, part)) throw new BuiltinError("invalid URL escape");
    bytes.push(byte);
    if (escaped) i += 2;
  }
  return Uint8Array.from(bytes);
}

/** A part with `%` escapes for the bytes that need them. */
export function escapeUrl(bytes: Uint8Array, part: UrlPart): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return PLAIN[part].test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** Whether a text may stay as it is written: it escapes nothing too little. */
export function isEscaped(text: string, part: UrlPart): boolean {
  return [...text].every((character) => /[!$&'()*+,;=:@[\]%]/.test(character) || PLAIN[part].test(character));
}

function mayStand(byte: number, part: UrlPart): boolean {
  return (part !== "host" && part !== "zone") || byte >= 128 || HOST.test(String.fromCharCode(byte));
}

/** In a host only what is not ASCII, and the `%` before a zone (RFC 6874). */
function mayBeEscaped(byte: number, part: UrlPart): boolean {
  if (part === "host") return byte >= 128 || byte === 0x25;
  return part !== "zone" || byte === 0x25 || byte === 0x20 || HOST.test(String.fromCharCode(byte));
}

function hexAt(source: Uint8Array, at: number): number {
  const digits = String.fromCharCode(...source.subarray(at, at + 2));
  if (!/^[\da-f]{2}$/i.test(digits)) throw new BuiltinError("invalid URL escape");
  return parseInt(digits, 16);
}
