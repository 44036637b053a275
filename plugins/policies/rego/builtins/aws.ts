import { createHash, createHmac } from "node:crypto";
import { BuiltinError, type Builtins, object } from "../builtin.ts";
import { compareValues, RegoObject, type Value } from "../value.ts";
import { parseUrl } from "./go_url.ts";
import { HTTP_REQUEST_KEYS } from "./http_request_keys.ts";
import { formatJson } from "./json_text.ts";

/** Sources: v1/topdown/providers.go and internal/providers/aws/signing_v4.go of OPA (AWS Signature Version 4). */
export const awsBuiltins: Builtins = {
  "providers.aws.sign_req": ([request, config, time]) => signRequest(request, config, time),
};

const REQUIRED_CONFIG = ["aws_service", "aws_access_key", "aws_secret_access_key", "aws_region"];
/** Those that a proxy may change on the way. */
const UNSIGNED_HEADERS = ["authorization", "user-agent", "x-amzn-trace-id"];

function signRequest(requestOperand: Value, configOperand: Value, timeOperand: Value): Value {
  const request = object(requestOperand, 1);
  const config = object(configOperand, 1);
  requireTexts(config, REQUIRED_CONFIG, 2);
  const time = isoTime(timeOperand);
  checkRequestKeys(request);
  const headers = object(request.get("headers") ?? new RegoObject(), 1);
  requireTexts(request, ["url", "method"], 1);
  const sent = new Map([...headers.entries()].map(([name, value]) => [textOr(name), textOr(value)]));
  const signature = signatureHeaders({ request, config, time, sent, isBodySigned: !isBodyUnsigned(config) });
  const signed = new RegoObject([...sent, ...signature]);
  return new RegoObject([...request.entries(), ["headers", signed]]);
}

interface Signing {
  readonly request: RegoObject;
  readonly config: RegoObject;
  /** `20060102T150405Z`. */
  readonly time: string;
  readonly sent: ReadonlyMap<string, string>;
  readonly isBodySigned: boolean;
}

/** The headers to add: `Authorization` and those that Signature Version 4 needs. */
function signatureHeaders({ request, config, time, sent, isBodySigned }: Signing): [string, string][] {
  const setting = (name: string) => textOr(config.get(name));
  const [service, token, region] = ["aws_service", "aws_session_token", "aws_region"].map(setting);
  const { url, escapedPath } = parseUrl(textOr(request.get("url")));
  const bodyHash = isBodySigned ? sha256(bodyOf(request)) : "UNSIGNED-PAYLOAD";
  const added: [string, string][] = [["host", url.Host], ["x-amz-date", time]];
  if (service === "s3" || service === "glacier") added.push(["x-amz-content-sha256", bodyHash]);
  if (token !== "") added.push(["x-amz-security-token", token]);
  const own = [...sent].map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const signed = [...new Map([...added, ...own.filter(([name]) => !UNSIGNED_HEADERS.includes(name))])]
    .sort(([a], [b]) => compareValues(a, b));
  const names = signed.map(([name]) => name).join(";");
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join("");
  const canonical = [textOr(request.get("method")), escapedPath, url.RawQuery, lines, names, bodyHash].join("\n");
  const scope = [time.slice(0, 8), region, service, "aws4_request"];
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  const signature = signWith(`AWS4${setting("aws_secret_access_key")}`, [...scope, toSign]);
  const credential = [setting("aws_access_key"), ...scope].join("/");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${signature}`;
  return [["Authorization", authorization], ...added];
}

/** Each message is the key of the next one's MAC. */
function signWith(secret: string, messages: readonly string[]): string {
  let key: string | Uint8Array = secret;
  for (const message of messages) key = createHmac("sha256", key).update(message).digest();
  return (key as Uint8Array).toHex();
}

function bodyOf(request: RegoObject): string {
  const raw = request.get("raw_body");
  if (raw !== undefined) return textOr(raw);
  const body = request.get("body");
  return body === undefined ? "" : formatJson(body);
}

function isBodyUnsigned(config: RegoObject): boolean {
  const value = config.get("disable_payload_signing") ?? false;
  if (typeof value !== "boolean") throw new BuiltinError("invalid value for 'disable_payload_signing' in AWS config");
  return value;
}

function checkRequestKeys(request: RegoObject): void {
  for (const [key] of request.entries()) {
    if (typeof key !== "string" || !HTTP_REQUEST_KEYS.has(key)) {
      throw new BuiltinError("operand 1 invalid request parameter");
    }
  }
}

function requireTexts(values: RegoObject, names: readonly string[], position: number): void {
  for (const name of names) {
    if (typeof values.get(name) !== "string") {
      throw new BuiltinError(`operand ${position} missing or invalid parameter ${name}`);
    }
  }
}

/**
 * Nanoseconds since 1970 UTC, in the form that the signature wants. OPA refuses times that are written with an
 * exponent. How a number was written is lost here, so times before 1970 are refused, of which nobody has use.
 */
function isoTime(value: Value): string {
  const time = typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
  if (typeof time !== "bigint" || time < 0n || time >= 2n ** 63n) {
    throw new BuiltinError("operand 3 could not convert time_ns value into a unix timestamp");
  }
  return new Date(Number(time / 1_000_000n)).toISOString().replace(/\.\d+|[-:]/g, "");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function textOr(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}
