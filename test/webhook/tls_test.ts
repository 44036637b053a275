import assert from "node:assert/strict";
import { assertReview } from "../answer_assertions.ts";
import { postRequest, RawConnection } from "../raw_http.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { SERVE_CONFIG, serveForFile } from "../serve_fixture.ts";

const FOLDER = new URL("../fixtures/tls/", import.meta.url).pathname;
const CERT = Deno.readTextFileSync(`${FOLDER}localhost.crt`);

const { server, test } = await serveForFile(
  ["--config", SERVE_CONFIG, "--tls-cert", `${FOLDER}localhost.crt`, "--tls-key", `${FOLDER}localhost.key`],
);

const apiVersion = "admission.k8s.io/v1";

/** A review that is answered with about 2 kB, beyond the 400 bytes from which Deno.serve stalls over TLS. */
const request = requestOf(goodPod({
  hostNetwork: true,
  containers: Array.from({ length: 6 }, (_, i) => ({ name: `c${i}`, image: "registry.example.com/team/app:1" })),
}));
const HTTP = postRequest("/validate", JSON.stringify(reviewOf(request)));

test("a review is answered over HTTPS, to a client that checks the certificate's name", async () => {
  assert.match(server.webhook, /^https:\/\/127\.0\.0\.1:\d+$/);
  for (const host of ["localhost", "127.0.0.1"]) {
    await using connection = await RawConnection.open(server.webhook.replace("127.0.0.1", host), CERT);
    await connection.send(HTTP);
    assertReview(await connection.response(), { apiVersion, request, endpoint: "validating" });
  }
});

test("a client that does not know the certificate's issuer is not served", async () => {
  const { port } = new URL(server.webhook);
  await assert.rejects(async () => {
    using connection = await Deno.connectTls({ hostname: "localhost", port: Number(port) });
    await connection.handshake();
  });
});

test("plain HTTP on the HTTPS port is not answered", async () => {
  await using connection = await RawConnection.open(server.webhook);
  await connection.send(HTTP);
  assert.doesNotMatch(new TextDecoder().decode(await connection.bytes()), /AdmissionReview|200 OK/);
});

test("answers of 2 kB over one kept connection do not stall", async () => {
  await using connection = await RawConnection.open(server.webhook, CERT);
  const times: number[] = [];
  for (let round = 0; round < 40; round++) {
    const started = performance.now();
    await connection.send(HTTP);
    const { body } = await connection.response();
    times.push(performance.now() - started);
    assert.ok(body.length > 1800 && body.length < 8000, `${body.length} bytes`);
  }
  const median = times.sort((a, b) => a - b)[20];
  assert.ok(median < 30, `the median is ${median.toFixed(1)} ms; a stall takes 44 ms`);
});

/** A ClientHello (RFC 5246, section 7.4.1.2) that offers that version and nothing newer. */
function clientHello({ minor, suites }: { minor: number; suites: readonly number[] }): Uint8Array<ArrayBuffer> {
  const extensions = [
    [0x00, 0x0a, 0x00, 0x04, 0x00, 0x02, 0x00, 0x17], // supported_groups: secp256r1
    [0x00, 0x0b, 0x00, 0x02, 0x01, 0x00], // ec_point_formats: uncompressed
    [0x00, 0x0d, 0x00, 0x04, 0x00, 0x02, 0x04, 0x03], // signature_algorithms: ecdsa_secp256r1_sha256
    [0x00, 0x17, 0x00, 0x00], // extended_master_secret
    [0xff, 0x01, 0x00, 0x01, 0x00], // renegotiation_info
  ].flat();
  const hello = [
    ...[0x03, minor],
    ...new Array(32).fill(7), // random
    0x00, // no session
    ...[0x00, suites.length, ...suites],
    ...[0x01, 0x00], // no compression
    ...[0x00, extensions.length, ...extensions],
  ];
  const handshake = [0x01, 0x00, hello.length >> 8, hello.length & 0xff, ...hello];
  return new Uint8Array([0x16, 0x03, 0x01, handshake.length >> 8, handshake.length & 0xff, ...handshake]);
}

const [ALERT, HANDSHAKE] = [0x15, 0x16];

const [GCM, CBC] = [[0xc0, 0x2b], [0xc0, 0x09]]; // ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, _CBC_SHA

const HELLOS: Record<string, { minor: number; suites: readonly number[]; expected: number }> = {
  "TLS 1.2 is spoken": { minor: 3, suites: [...GCM, ...CBC], expected: HANDSHAKE },
  "TLS 1.1 is refused": { minor: 2, suites: [...GCM, ...CBC], expected: ALERT },
  "TLS 1.0 is refused": { minor: 1, suites: [...GCM, ...CBC], expected: ALERT },
  "SSL 3.0 is refused": { minor: 0, suites: [...GCM, ...CBC], expected: ALERT },
  "CBC is refused": { minor: 3, suites: CBC, expected: ALERT },
  "no encryption is refused": { minor: 3, suites: [0xc0, 0x06, 0x00, 0x3b, 0x00, 0x02], expected: ALERT },
  "an anonymous key exchange is refused": { minor: 3, suites: [0xc0, 0x18, 0x00, 0xa6, 0x00, 0x34], expected: ALERT },
  "RC4 and 3DES are refused": { minor: 3, suites: [0xc0, 0x07, 0x00, 0x05, 0xc0, 0x08, 0x00, 0x0a], expected: ALERT },
  "a key exchange without forward secrecy is refused": { minor: 3, suites: [0x00, 0x9c, 0x00, 0x2f], expected: ALERT },
};

for (const [name, { expected, ...hello }] of Object.entries(HELLOS)) {
  test(name, async () => {
    await using connection = await RawConnection.open(server.webhook);
    await connection.send(clientHello(hello));
    assert.equal((await connection.bytes())[0], expected);
  });
}
