import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { UsageError } from "../../src/io.ts";
import { checkedCertificate } from "../../src/webhook/certificate.ts";
import { withFiles } from "../run_fixture.ts";
import { ask, pem, serveTls, TLS_FOLDER } from "../tls_fixture.ts";

const CERT = pem("localhost.crt");
const KEY = pem("localhost.key");
const FILES = { cert: "tls.crt", key: "tls.key", clientCA: "ca.crt" };

/** Its side of a connection outlives the test. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

interface Fault {
  readonly cert?: string;
  readonly key?: string;
  readonly clientCA?: string;
  readonly says: string;
}

const FAULTS: Record<string, Fault> = {
  "an expired certificate": {
    cert: pem("expired.crt"),
    says: "Cannot use the certificate tls.crt: CN=localhost expired on Jan  1 00:00:00 2021 GMT",
  },
  "an expired CA in the chain of a valid certificate": {
    cert: CERT + pem("expired_ca.crt"),
    says: "Cannot use the certificate tls.crt: CN=expired-ca expired on Jan  1 00:00:00 2021 GMT",
  },
  "a certificate that is not valid yet": {
    cert: pem("not_yet_valid.crt"),
    says: "Cannot use the certificate tls.crt: CN=localhost is not valid before Jan  1 00:00:00 2119 GMT",
  },
  "another certificate's key": {
    key: pem("other.key"),
    says: "Cannot use the certificate tls.crt: the private key tls.key is another's",
  },
  "an empty certificate": { cert: "", says: "Cannot read the certificate tls.crt: accepted PEM" },
  "an empty key": { key: "", says: "Cannot read the private key tls.key: accepted PEM" },
  "a certificate that is cut": { cert: CERT.slice(0, 300), says: "Cannot read the certificate tls.crt: accepted PEM" },
  "a chain that holds something else": {
    cert: `${CERT}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    says: "Cannot read the certificate tls.crt: accepted PEM",
  },
  "a certificate with a common name alone": {
    cert: pem("without_names.crt"),
    says:
      "Cannot use the certificate tls.crt: found no subject alternative name, accepted one with a DNS name such as " +
      "kube-policies.kube-policies.svc",
  },
  "an expired client CA": {
    clientCA: pem("expired_ca.crt"),
    says: "Cannot use the certificate ca.crt: CN=expired-ca expired on Jan  1 00:00:00 2021 GMT",
  },
  "an empty client CA": { clientCA: "", says: "Cannot read the certificate ca.crt: accepted PEM" },
};

for (const [name, { says, ...fault }] of Object.entries(FAULTS)) {
  Deno.test(`${name} is refused at start, with its file's name`, () => {
    const texts = { cert: CERT, key: KEY, clientCA: pem("client_ca.crt"), ...fault };
    assert.throws(() => checkedCertificate(texts, FILES), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message.replace(/ \(.*\)$/, ""), says);
      return true;
    });
  });

  test(`${name} does not replace the one in use, and is logged once`, async () => {
    const files = { "tls.crt": CERT, "tls.key": KEY, "ca.crt": pem("client_ca.crt") };
    await withFiles(files, async (folder) => {
      const at = (file: string) => `${folder}/${file}`;
      const client = { cert: pem("client.crt"), key: pem("client.key") };
      await using server = await serveTls({ cert: at("tls.crt"), key: at("tls.key"), clientCA: at("ca.crt") });
      const { served } = await ask(server, client);
      const refused = server.logged("certificate_not_replaced");
      for (const [name, text] of Object.entries(fault)) {
        await Deno.writeTextFile(at(FILES[name as keyof typeof FILES]), text);
      }
      assert.ok(`${(await refused).cause}`.replaceAll(`${folder}/`, "").startsWith(says));
      assert.equal(await server.metric("kube_policies_certificate_current"), 0);
      assert.equal((await ask(server, client)).served, served);
      const replaced = server.logged("certificate_replaced");
      await Deno.writeTextFile(at("tls.key"), pem("other.key"));
      await Deno.writeTextFile(at("tls.crt"), pem("renewed.crt"));
      await Deno.writeTextFile(at("ca.crt"), pem("client_ca.crt"));
      await replaced;
      assert.equal(await server.metric("kube_policies_certificate_current"), 1);
      assert.notEqual((await ask(server, client)).served, served);
      assert.equal(
        server.log.filter(({ cause }) => `${cause}`.replaceAll(`${folder}/`, "").startsWith(says)).length,
        1,
      );
    });
  });
}

test("the expiry of each certificate is shown", async () => {
  const files = { cert: `${TLS_FOLDER}renewed.crt`, key: `${TLS_FOLDER}other.key` };
  await using server = await serveTls({ ...files, clientCA: `${TLS_FOLDER}client_ca.crt` });
  const shown = (name: string) => server.metric(`kube_policies_certificate_not_after_timestamp_seconds${name}`);
  assert.equal(await shown('{certificate="leaf"}'), Date.UTC(2120, 0, 1) / 1000);
  assert.equal(await shown('{certificate="client_ca"}'), Date.UTC(2120, 0, 1) / 1000);
  assert.equal(await shown('{certificate="chain"}'), undefined);
});

test("an expiry is warned of each day once less than 30 days are left", async () => {
  const files = { cert: `${TLS_FOLDER}renewed.crt`, key: `${TLS_FOLDER}other.key` };
  let now = Date.UTC(2119, 11, 2);
  await using server = await serveTls(files, { now: () => now, everyMs: 1 });
  for (const day of [3, 4, 5]) {
    const warned = server.logged("certificate_expires");
    now = Date.UTC(2119, 11, day);
    assert.deepEqual(await warned, {
      event: "certificate_expires",
      certificate: "leaf",
      not_after: "2120-01-01T00:00:00.000Z",
    });
  }
  assert.equal(server.log.length, 3); // on the second of December, 30 days are left
});

/** Ends the handshake as soon as one side is done with it. */
async function handshake(origin: string, options: Record<string, unknown>): Promise<TLSSocket> {
  const { port } = new URL(origin);
  const socket = connect({ host: "127.0.0.1", port: Number(port), servername: "localhost", ca: [CERT], ...options });
  await once(socket, "secureConnect");
  return socket;
}

test("HTTP/1.1 is agreed on with a client that would rather speak HTTP/2, over TLS 1.3", async () => {
  await using server = await serveTls({ cert: `${TLS_FOLDER}localhost.crt`, key: `${TLS_FOLDER}localhost.key` });
  const socket = await handshake(server.origin, { ALPNProtocols: ["h2", "http/1.1"] });
  assert.deepEqual([socket.alpnProtocol, socket.getProtocol()], ["http/1.1", "TLSv1.3"]);
  socket.destroy();
});
