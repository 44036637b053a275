const [LEAST, MOST] = [-(2n ** 63n), 2n ** 64n - 1n];
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const RADIX: Readonly<Record<string, string>> = { x: "0x", o: "0o", b: "0b" };

/** A scalar without quotes: YAML 1.2, with the numbers of YAML 1.1. Source: resolve.go of go.yaml.in/yaml/v3. */
export function resolveScalar(text: string): null | boolean | number | bigint | string {
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return NaN;
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text[0] === "-" ? -Infinity : Infinity;
  if (!/^[-+.\d]/.test(text)) return text;
  const plain = text[0] === "." ? text : text.replaceAll("_", "");
  const float = FLOAT.test(plain) ? Number(plain) : NaN;
  return toInteger(plain) ?? (Number.isFinite(float) ? float : text);
}

/** Of 64 bits, with or without a sign. */
function toInteger(text: string): number | bigint | undefined {
  const [, sign, radix, digits] = /^([-+]?)(?:0([xob]))?([\da-f]+)$/i.exec(text) ?? [];
  // 64 digits are the longest, in base 2.
  if (digits === undefined || /[^0].{64}/.test(digits)) return undefined;
  const isOctal = radix === undefined && /^0./.test(digits);
  const literal = (isOctal ? "0o" : radix === undefined ? "" : RADIX[radix.toLowerCase()]) + digits;
  if (!/^(?:0x[\da-f]+|0o[0-7]+|0b[01]+|\d+)$/i.test(literal)) return undefined;
  const integer = sign === "-" ? -BigInt(literal) : BigInt(literal);
  if (integer < LEAST || integer > (sign === "" ? MOST : -LEAST - 1n)) return undefined;
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
}
