import { BuiltinError } from "../builtin.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Go's base64.StdEncoding: padding is needed, line ends are skipped, nothing else is. Throws BuiltinError. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/[\r\n]/g, "");
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) throw new BuiltinError("illegal base64 data");
  return Uint8Array.fromBase64(digits, { lastChunkHandling: "loose" });
}

/** base64.URLEncoding with or without padding, as `base64url.decode` reads it. Throws BuiltinError. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (/[+/]/.test(text)) throw new BuiltinError("illegal base64url string");
  const padding = text.endsWith("=") ? 0 : [0, 3, 2, 1][text.length % 4];
  if (padding === 3) throw new BuiltinError("illegal base64url string");
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat(padding));
}

/** base64.RawURLEncoding. */
export function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
