import type { Value } from "../value.ts";

export function isInteger(value: Value): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

/** By their decimal digits, which a division of floats would not keep. */
export function isMultiple(value: number | bigint, of: number | bigint): boolean {
  const [a, b] = [decimal(value), decimal(of)];
  const scale = a.scale > b.scale ? a.scale : b.scale;
  return (a.digits * 10n ** (scale - a.scale)) % (b.digits * 10n ** (scale - b.scale)) === 0n;
}

function decimal(value: number | bigint): { digits: bigint; scale: bigint } {
  const [mantissa, exponent = "0"] = String(value).split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  const scale = BigInt(fraction.length) - BigInt(exponent);
  const digits = BigInt(whole + fraction);
  return scale < 0n ? { digits: digits * 10n ** -scale, scale: 0n } : { digits, scale };
}
