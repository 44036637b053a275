import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type Builtin, type Builtins, text } from "../builtin.ts";
import { utf8 } from "./binary_text.ts";

/** The digests of v1/topdown/crypto.go: of the UTF-8 of a text, in hexadecimal. */
export const cryptoBuiltins: Builtins = {
  "crypto.md5": digest("md5"),
  "crypto.sha1": digest("sha1"),
  "crypto.sha256": digest("sha256"),
  "crypto.hmac.md5": hmac("md5"),
  "crypto.hmac.sha1": hmac("sha1"),
  "crypto.hmac.sha256": hmac("sha256"),
  "crypto.hmac.sha512": hmac("sha512"),
  "crypto.hmac.equal": ([a, b]) => isSameSecret(utf8(text(a, 1)), utf8(text(b, 2))),
};

/** In constant time for secrets of one length. */
export function isSameSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function digest(algorithm: string): Builtin {
  return ([value]) => createHash(algorithm).update(utf8(text(value, 1))).digest("hex");
}

function hmac(algorithm: string): Builtin {
  return ([message, key]) => createHmac(algorithm, utf8(text(key, 2))).update(utf8(text(message, 1))).digest("hex");
}
