import type { KeyObject } from "node:crypto";

/** Deno 2.6 and 2.9 name curves differently. */
const CURVES: Readonly<Record<string, "P-224" | "P-256" | "P-384" | "P-521">> = {
  secp224r1: "P-224",
  p224: "P-224",
  prime256v1: "P-256",
  p256: "P-256",
  secp384r1: "P-384",
  p384: "P-384",
  secp521r1: "P-521",
  p521: "P-521",
};

/** The curve of an ECDSA key as JSON Web Keys name it (RFC 7518, 6.2.1.1); undefined for other keys and curves. */
export function curveOf({ asymmetricKeyDetails }: KeyObject) {
  return CURVES[asymmetricKeyDetails?.namedCurve ?? ""] as (typeof CURVES)[string] | undefined;
}
