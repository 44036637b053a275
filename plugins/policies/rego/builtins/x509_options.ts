import { BuiltinError, members, object, text } from "../builtin.ts";
import type { Value } from "../value.ts";
import type { VerifyOptions } from "./x509_verify.ts";

/** In the order of `x509.ExtKeyUsage` of Go. */
const KEY_USAGES = [
  "KeyUsageAny",
  "KeyUsageServerAuth",
  "KeyUsageClientAuth",
  "KeyUsageCodeSigning",
  "KeyUsageEmailProtection",
  "KeyUsageIPSECEndSystem",
  "KeyUsageIPSECTunnel",
  "KeyUsageIPSECUser",
  "KeyUsageTimeStamping",
  "KeyUsageOCSPSigning",
  "KeyUsageMicrosoftServerGatedCrypto",
  "KeyUsageNetscapeServerGatedCrypto",
  "KeyUsageMicrosoftCommercialCodeSigning",
  "KeyUsageMicrosoftKernelCodeSigning",
];

/** The operand of `parse_and_verify_certificates_with_options`. Throws BuiltinError. */
export function verifyOptionsOf(operand: Value, now: bigint): VerifyOptions {
  let options: VerifyOptions = { time: now, dnsName: "", keyUsages: [] };
  for (const [key, value] of object(operand, 2).entries()) {
    if (key === "DNSName") options = { ...options, dnsName: unquoted(text(value, 2)) };
    else if (key === "CurrentTime") options = { ...options, time: int64(value) };
    else if (key === "MaxConstraintComparisons") int64(value);
    else if (key === "KeyUsages") options = { ...options, keyUsages: keyUsagesOf(value) };
    else if (typeof key === "string") throw new BuiltinError("invalid key option");
  }
  return options;
}

function keyUsagesOf(value: Value): number[] {
  const usages = members(value, 2)
    .filter((name) => typeof name === "string")
    .map((name) => KEY_USAGES.indexOf(unquoted(name)));
  if (usages.includes(-1)) throw new BuiltinError("invalid entries for 'KeyUsages' found");
  return usages;
}

function unquoted(value: string): string {
  return value.replace(/^"+/, "").replace(/"+$/, "");
}

function int64(value: Value): bigint {
  const number = typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
  if (typeof number !== "bigint" || BigInt.asIntN(64, number) !== number) {
    throw new BuiltinError("the option should be a valid int64 number");
  }
  return number;
}
