import { deepStrictEqual as assertEquals } from "node:assert/strict";
import { checkCalls, ERROR, resultOf } from "./builtin_call.ts";

const REQUEST = { method: "GET", url: "http://example.com" };
const CONFIG = {
  aws_access_key: "AK",
  aws_secret_access_key: "SK",
  aws_service: "s3",
  aws_region: "us-east-1",
};
const TIME = 1451311705123456789n;

function call(request: unknown, config: unknown = CONFIG, time: unknown = TIME): string {
  return `providers.aws.sign_req(${JSON.stringify(request)}, ${JSON.stringify(config)}, ${time})`;
}

function headersOf(request: unknown, config?: unknown): Record<string, string> {
  return (resultOf(call(request, config)) as { headers: Record<string, string> }).headers;
}

Deno.test("a request is given the headers of its signature", () =>
  assertEquals(resultOf(call({ ...REQUEST, headers: { A: "b", "user-agent": "z" } })), {
    ...REQUEST,
    headers: {
      A: "b",
      "user-agent": "z",
      Authorization: "AWS4-HMAC-SHA256 Credential=AK/20151228/us-east-1/s3/aws4_request," +
        "SignedHeaders=a;host;x-amz-content-sha256;x-amz-date," +
        "Signature=3bfbc38738499c5751c2feec8b7fcd5e90562a62bd953eaf7b7d55a58dbd8842",
      host: "example.com",
      "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "x-amz-date": "20151228T140825Z",
    },
  }));

Deno.test("only some services sign the body in a header, and a session has a token", () => {
  const headers = headersOf(
    { ...REQUEST, method: "POST", body: { b: "<é>", a: [1, 2.5] } },
    { ...CONFIG, aws_service: "ec2", aws_session_token: "T" },
  );
  assertEquals(headers, {
    Authorization: "AWS4-HMAC-SHA256 Credential=AK/20151228/us-east-1/ec2/aws4_request," +
      "SignedHeaders=host;x-amz-date;x-amz-security-token," +
      "Signature=d634ba0b79daf219f65560e66bb7a05e6993303e121a05b2ab563e61a3ce1efe",
    host: "example.com",
    "x-amz-date": "20151228T140825Z",
    "x-amz-security-token": "T",
  });
});

Deno.test("a raw body goes before a body, and a payload need not be signed", () => {
  const both = headersOf({ ...REQUEST, raw_body: "é", body: 1 });
  assertEquals(both["x-amz-content-sha256"], "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
  const unsigned = headersOf({ ...REQUEST, body: 1 }, { ...CONFIG, disable_payload_signing: true });
  assertEquals(unsigned["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
});

Deno.test("what cannot be signed is an error", () =>
  checkCalls([
    [call({ method: "GET" }), ERROR],
    [call({ method: 1, url: "http://x" }), ERROR],
    [call({ ...REQUEST, url: "http://h/%zz" }), ERROR],
    [call({ ...REQUEST, headers: 1 }), ERROR],
    [call({ ...REQUEST, unknown: 1 }), ERROR],
    [call([]), ERROR],
    [call(REQUEST, {}), ERROR],
    [call(REQUEST, { ...CONFIG, aws_region: 1 }), ERROR],
    [call(REQUEST, { ...CONFIG, disable_payload_signing: 1 }), ERROR],
    [call(REQUEST, CONFIG, 1.5), ERROR],
    [call(REQUEST, CONFIG, "1e30"), ERROR],
    [call(REQUEST, CONFIG, '"now"'), ERROR],
  ]));
