import { Integer, Sequence } from "asn1js";
import { readDer, TAG } from "./der.ts";
import { integerOf } from "./der_value.ts";

/**
 * A signature of two halves (RFC 7518, 3.4) as the sequence of two integers that every version of Deno reads:
 * 2.6 does not know node:crypto's `dsaEncoding`.
 */
export function toDer(signature: Uint8Array): Uint8Array {
  const middle = signature.length >> 1;
  const halves = [signature.subarray(0, middle), signature.subarray(middle)];
  const value = halves.map((half) => Integer.fromBigInt(BigInt(`0x0${half.toHex()}`)));
  return new Uint8Array(new Sequence({ value }).toBER());
}

/** The way back, with halves of `size` bytes. */
export function fromDer(der: Uint8Array, size: number): Uint8Array {
  const integers = readDer(der, TAG.sequence).children();
  const halves = [integers.next(TAG.integer), integers.next(TAG.integer)].map(integerOf);
  return Uint8Array.fromHex(halves.map((half) => half.toString(16).padStart(2 * size, "0")).join(""));
}
