import assert from "node:assert/strict";
import { runKp, withFiles } from "../run_fixture.ts";
import { serve, SERVE_CONFIG } from "../serve_fixture.ts";

const TLS = new URL("../fixtures/tls/", import.meta.url).pathname;
const [CERT, KEY] = [`${TLS}localhost.crt`, `${TLS}localhost.key`];
const PORTS = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];

interface Mistake {
  readonly args: readonly string[];
  readonly says: RegExp;
}

const MISTAKES: Record<string, Mistake> = {
  "plain HTTP on every address": {
    args: ["--insecure-http", "--listen", "0.0.0.0:8181"],
    says: /^kp: Cannot serve plain HTTP on 0\.0\.0\.0: accepted a loopback address such as 127\.0\.0\.1:8181$/,
  },
  "plain HTTP on every IPv6 address": {
    args: ["--insecure-http", "--listen", "[::]:8181"],
    says: /^kp: Cannot serve plain HTTP on ::: accepted a loopback address/,
  },
  "plain HTTP on a name that only begins as a loopback address": {
    args: ["--insecure-http", "--listen", "127.0.0.1.example.com:8181"],
    says: /^kp: Cannot serve plain HTTP on 127\.0\.0\.1\.example\.com: accepted a loopback address/,
  },
  "plain HTTP on a private address": {
    args: ["--insecure-http", "--listen", "10.0.0.1:8181"],
    says: /^kp: Cannot serve plain HTTP on 10\.0\.0\.1: /,
  },
  "plain HTTP with a certificate": {
    args: ["--insecure-http", "--tls-cert", "tls.crt"],
    says: /^kp: Cannot serve plain HTTP with a certificate: accepted /,
  },
  "plain HTTP with a client CA": {
    args: ["--insecure-http", "--tls-client-ca", "ca.crt"],
    says: /^kp: Cannot serve plain HTTP with a certificate: accepted /,
  },
  "a client's name without a client CA": {
    args: ["--tls-cert", CERT, "--tls-key", KEY, ...PORTS, "--tls-client-subject", "api-server"],
    says: /^kp: Cannot tell clients apart without a client CA: accepted --tls-client-subject with --tls-client-ca, /,
  },
  "a missing client CA": {
    args: ["--tls-cert", CERT, "--tls-key", KEY, ...PORTS, "--tls-client-ca", "/nowhere/ca.crt"],
    says: /^kp: Cannot read \/nowhere\/ca\.crt: no such file$/,
  },
  "an expired client CA": {
    args: ["--tls-cert", CERT, "--tls-key", KEY, ...PORTS, "--tls-client-ca", `${TLS}expired_ca.crt`],
    says: /^kp: Cannot use the certificate \/.*expired_ca\.crt: CN=expired-ca expired on /,
  },
  "a certificate without a DNS name": {
    args: ["--tls-cert", `${TLS}without_names.crt`, "--tls-key", KEY, ...PORTS],
    says: /^kp: Cannot use the certificate \/.*without_names\.crt: found no subject alternative name, accepted /,
  },
  "an unknown flag": { args: ["--insecure-htp"], says: /^kp: unknown option '--insecure-htp'/ },
  "an argument": { args: ["now"], says: /^kp: too many arguments/ },
  "a flag without its value": { args: ["--config"], says: /^kp: option '-c, --config <file>' argument missing$/ },
  "no port": {
    args: ["--insecure-http", "--listen", "127.0.0.1"],
    says: /^kp: Cannot read --listen: found "127\.0\.0\.1"/,
  },
  "a port that is too large": {
    args: ["--insecure-http", "--listen", "127.0.0.1:65536"],
    says: /^kp: Cannot read --listen: found "127\.0\.0\.1:65536"/,
  },
  "a negative port": {
    args: ["--insecure-http", "--metrics-listen", "127.0.0.1:-1"],
    says: /^kp: Cannot read --metrics-listen: /,
  },
  "a port that is huge": {
    args: ["--insecure-http", "--metrics-listen", `127.0.0.1:${"9".repeat(400)}`],
    says: /^kp: Cannot read --metrics-listen: /,
  },
  "a missing config file": {
    args: ["--config", "/nowhere/kp.yaml", "--insecure-http", ...PORTS],
    says: /^kp: Cannot read the config \/nowhere\/kp\.yaml: no such file$/,
  },
  "a folder for a config file": {
    args: ["--config", TLS, "--insecure-http", ...PORTS],
    says: /^kp: Cannot read the config .*: Is a directory/,
  },
  "an environment without stages": {
    args: ["--config", SERVE_CONFIG, "--env", "porduction", "--insecure-http", ...PORTS],
    says: /porduction.*accepted prod/,
  },
  "neither a certificate nor --insecure-http": {
    args: PORTS,
    says: /^kp: Cannot serve HTTPS without a certificate: accepted --tls-cert with --tls-key, .*, or --insecure-http$/,
  },
  "a certificate without a key": {
    args: ["--tls-cert", CERT, ...PORTS],
    says: /^kp: Cannot serve HTTPS without a certificate: /,
  },
  "a missing certificate": {
    args: ["--tls-cert", "/nowhere/tls.crt", "--tls-key", KEY, ...PORTS],
    says: /^kp: Cannot read \/nowhere\/tls\.crt: no such file$/,
  },
  "a missing key": {
    args: ["--tls-cert", CERT, "--tls-key", "/nowhere/tls.key", ...PORTS],
    says: /^kp: Cannot read \/nowhere\/tls\.key: no such file$/,
  },
  "a certificate that is none": {
    args: ["--tls-cert", SERVE_CONFIG, "--tls-key", KEY, ...PORTS],
    says: /^kp: Cannot read the certificate \/.*: accepted PEM /,
  },
  "a key that is none": {
    args: ["--tls-cert", CERT, "--tls-key", SERVE_CONFIG, ...PORTS],
    says: /^kp: Cannot read the private key \/.*: accepted PEM /,
  },
  "certificate and key the wrong way round": {
    args: ["--tls-cert", KEY, "--tls-key", CERT, ...PORTS],
    says: /^kp: Cannot read the certificate \/.*: accepted PEM /,
  },
  "a key that does not belong to the certificate": {
    args: ["--tls-cert", CERT, "--tls-key", `${TLS}other.key`, ...PORTS],
    says: /^kp: Cannot use the certificate \/.*localhost\.crt: the private key \/.*other\.key is another's$/,
  },
  "a certificate that has expired": {
    args: ["--tls-cert", `${TLS}expired.crt`, "--tls-key", KEY, ...PORTS],
    says: /^kp: Cannot use the certificate \/.*expired\.crt: CN=localhost expired on Jan  ?1 00:00:00 2021 GMT$/,
  },
  "an address of another machine": {
    args: ["--tls-cert", CERT, "--tls-key", KEY, "--listen", "192.0.2.1:8443", "--metrics-listen", "127.0.0.1:0"],
    says: /^kp: Cannot listen on 192\.0\.2\.1:8443: /,
  },
};

/** One line on standard error, no stack trace, nothing on standard output, exit code 2. */
async function assertRefusedToStart(args: readonly string[], says: RegExp): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error("kp serve came up")), 5000);
  const { code, out, err } = await Promise.race([runKp(["serve", ...args]), timeout.promise]);
  clearTimeout(timer);
  assert.deepEqual([code, out], [2, ""], err);
  assert.match(err, /^[^\n]+\n$/);
  assert.match(err.trimEnd(), says);
  assert.doesNotMatch(err, /\bat .*\.[jt]s:\d/);
}

for (const [name, { args, says }] of Object.entries(MISTAKES)) {
  Deno.test(`kp serve says 2 and one line for ${name}`, () => assertRefusedToStart(args, says));
}

Deno.test("kp serve says 2 and one line for an empty certificate", () =>
  withFiles({ "empty.crt": "" }, (folder) =>
    assertRefusedToStart(
      ["--tls-cert", `${folder}/empty.crt`, "--tls-key", KEY, ...PORTS],
      /^kp: Cannot read the certificate \/.*empty\.crt: accepted PEM /,
    )));

Deno.test("kp serve says 2 and one line for a port in use, the webhooks' or the operators'", async () => {
  const server = await serve();
  for (const [flag, taken] of [["--listen", server.webhook], ["--metrics-listen", server.operators]]) {
    const { host } = new URL(taken);
    await assertRefusedToStart(
      ["--insecure-http", ...PORTS, flag, host],
      new RegExp(`^kp: Cannot listen on ${host}: `),
    );
  }
  assert.equal(await server.stop(), 0);
});
