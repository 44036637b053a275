import assert from "node:assert/strict";
import { assertRefused, assertReview, assertTellsNothing } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { client, post, serveForFile } from "../serve_fixture.ts";

const { server, test } = await serveForFile();

const apiVersion = "admission.k8s.io/v1";
const request = requestOf(goodPod({ hostNetwork: true }));
const BODY = JSON.stringify(reviewOf(request));

const PATHS = [
  ["/v0/data/system/validating", "validating"],
  ["/validate", "validating"],
  ["/v0/data/system/mutating", "mutating"],
  ["/mutate", "mutating"],
] as const;

for (const [path, endpoint] of PATHS) {
  for (const query of ["", "?timeout=3s", "?timeout=10s&x=/mutate"]) {
    test(`POST ${path}${query} is the ${endpoint} webhook`, async () => {
      const answered = await post(server, BODY, { path: path + query });
      const { allowed } = assertReview(answered, { apiVersion, request, endpoint });
      assert.equal(allowed, endpoint === "mutating", "hostNetwork is for the validating webhook to refuse");
    });
  }
}

test("I02: curl's form content type, none at all, a charset and upper case are read as JSON", async () => {
  const types = [
    "application/json",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "APPLICATION/JSON",
    "application/x-www-form-urlencoded",
    "",
  ];
  for (const type of types) {
    await using connection = await RawConnection.open(server.webhook);
    await connection.send(postRequest("/validate", BODY, type === "" ? {} : { "content-type": type }));
    assertReview(await connection.response(), { apiVersion, request, endpoint: "validating" });
  }
});

test("I02: other content types and content encodings are refused with 415", async () => {
  const refused: Record<string, string>[] = [
    { "content-type": "text/plain" },
    { "content-type": "application/yaml" },
    { "content-type": "application/json; charset=latin1" },
    { "content-type": "application/vnd.kubernetes.protobuf" },
    { "content-type": "multipart/form-data; boundary=x" },
    { "content-encoding": "gzip" },
    { "content-encoding": "identity, gzip" },
  ];
  for (const headers of refused) assertRefused(await post(server, BODY, { headers }), 415);
});

test("I25: a method other than POST is refused with 405 and Allow", async () => {
  for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    for (const [path] of PATHS) {
      const answered = await post(server, method === "GET" ? null : BODY, { method, path });
      assertRefused(answered, 405);
      assert.equal(answered.headers.get("allow"), "POST");
    }
  }
  const head = await fetch(`${server.webhook}/validate`, { method: "HEAD", client });
  assert.deepEqual([head.status, head.headers.get("allow"), await head.text()], [405, "POST", ""]);
});

const NOT_FOUND = [
  "/",
  "/validate/",
  "//validate",
  "/v0/data/system//validating",
  "/v0%2fdata/system/validating",
  "/%76alidate",
  "/x/../validate",
  "/validate/../mutate",
  "/VALIDATE",
  "/validate;x=1",
  "/validate%00",
  "/validate%2f",
  "/validate%3ftimeout=3s",
  "/./validate",
  "/validate/.",
  "/validate#x",
  "/?path=/validate",
  "/v0/data/system/main",
  "/v1/data/system/validating",
  "/.env",
  "http://localhost/validate",
];

for (const path of NOT_FOUND) {
  test(`I25: POST ${path} is 404`, async () => {
    await using connection = await RawConnection.open(server.webhook);
    await connection.send(postRequest(path, BODY));
    assertRefused(await connection.response(), 404);
  });
}

test("I25: an HTTP/1.0 client is answered, and its connection closed", async () => {
  await using connection = await RawConnection.open(server.webhook);
  await connection.send(postRequest("/validate", BODY).replace("HTTP/1.1", "HTTP/1.0"));
  assertReview(await connection.response(), { apiVersion, request, endpoint: "validating" });
  assert.ok(await connection.ended());
});

const MALFORMED = {
  "content-length beside transfer-encoding": [postRequest("/validate", BODY, { "transfer-encoding": "chunked" }), 400],
  "two content-lengths": [postRequest("/validate", BODY, { "Content-Length": "3" }), 400],
  "a negative content-length": [postRequest("/validate", BODY, { "content-length": "-5" }), 400],
  "a content-length in hexadecimal": [postRequest("/validate", BODY, { "content-length": "0x10" }), 400],
  "a header of 1 MB": [postRequest("/validate", BODY, { "x-long": "x".repeat(1_000_000) }), 431],
  "a query without a path": [postRequest("?timeout=3s", BODY), 400],
  "no HTTP": ["\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400],
} as const;

for (const [name, [bytes, status]] of Object.entries(MALFORMED)) {
  test(`I25: ${name} is ${status}, and the connection is closed`, async () => {
    await using connection = await RawConnection.open(server.webhook);
    await connection.send(bytes).catch(() => {}); // the server may close before all of it is sent
    const answered = await connection.response();
    assert.equal(answered.status, status);
    assertTellsNothing(answered.body);
    assert.ok(await connection.ended());
  });
}
