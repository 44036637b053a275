import { deepStrictEqual as assertEquals } from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { checkCalls, ERROR, resultOf } from "./builtin_call.ts";
import { LEAF, LEAF_KEY, OUTSIDE, pem, REQUEST, ROOT } from "./x509_samples.ts";

type Fields = Record<string, unknown>;

function call(name: string, ...operands: unknown[]): string {
  return `crypto.${name}(${operands.map((operand) => JSON.stringify(operand)).join(", ")})`;
}

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The DER of a PEM block, in base64. */
function der(block: string): string {
  return block.split("\n")[1];
}

function parsed(name: string, ...operands: unknown[]): Fields {
  return resultOf(call(name, ...operands)) as Fields;
}

const NO_CURVE = {};

Deno.test("a certificate has the fields of Go's x509.Certificate", () => {
  const [certificate] = resultOf(call("x509.parse_certificates", LEAF)) as Fields[];
  const { Issuer, Subject, URIs, ...fields } = certificate;
  assertEquals((Issuer as Fields).Organization, ["Example"]);
  assertEquals(Subject, {
    CommonName: "leaf",
    Country: null,
    ExtraNames: null,
    Locality: null,
    Names: [{ Type: [2, 5, 4, 3], Value: "leaf" }],
    Organization: null,
    OrganizationalUnit: null,
    PostalCode: null,
    Province: null,
    SerialNumber: "",
    StreetAddress: null,
  });
  assertEquals((URIs as Fields[])[0], {
    ForceQuery: false,
    Fragment: "",
    Host: "example.com",
    OmitHost: false,
    Opaque: "",
    Path: "/x y",
    RawFragment: "",
    RawPath: "",
    RawQuery: "q",
    Scheme: "https",
    User: {},
  });
  const expected = {
    DNSNames: ["a.example.com"],
    IPAddresses: ["10.0.0.1"],
    URIStrings: ["https://u@example.com/x%20y?q"],
    ExtKeyUsage: [2],
    PublicKey: "WaVR1cwhFJCDhoeigpjawsdzTF2REW3x6mYC4NhR9Zk=",
    PublicKeyAlgorithm: 4,
    SignatureAlgorithm: 10,
    SerialNumber: 7,
    Version: 3,
    NotBefore: "2026-11-22T22:53:24Z",
    NotAfter: "2126-10-29T22:53:24Z",
    Raw: der(LEAF),
    BasicConstraintsValid: false,
    MaxPathLen: 0,
    KeyUsage: 0,
    SubjectKeyId: null,
    PolicyIdentifiers: null,
  };
  for (const [name, value] of Object.entries(expected)) assertEquals(fields[name], value, name);
  assertEquals(Object.keys(certificate).length, 53);
});

Deno.test("a certificate authority has its constraints", () => {
  const [certificate] = resultOf(call("x509.parse_certificates", ROOT)) as Fields[];
  const expected = {
    IsCA: true,
    MaxPathLen: -1,
    MaxPathLenZero: false,
    KeyUsage: 32,
    PermittedDNSDomains: ["example.com"],
    PermittedDNSDomainsCritical: false,
    SubjectKeyId: "B2/pHfCtvUAB0X9f7hOVFRkN85k=",
    URIStrings: null,
    Signature: "MEYCIQCvHrS5bwffzQIjKfHwWhnukCpsItUY40Bp8rQesp10VQIhAIsv2JfMq4WmEKF36UiNWjevJQoCrg5a3p5qB6PgeZov",
  };
  for (const [name, value] of Object.entries(expected)) assertEquals(certificate[name], value, name);
  assertEquals((certificate.PublicKey as Fields).Curve, NO_CURVE);
});

Deno.test("certificates come as PEM, as base64 of it, and as base64 of DER", () => {
  const certificates = resultOf(call("x509.parse_certificates", ROOT + LEAF)) as Fields[];
  assertEquals(certificates.map(({ Version }) => Version), [3, 3]);
  const joined = [ROOT, LEAF].map((block) => Uint8Array.fromBase64(der(block)).toHex()).join("");
  checkCalls([
    [call("x509.parse_certificates", base64(ROOT + LEAF)), certificates],
    [call("x509.parse_certificates", Uint8Array.fromHex(joined).toBase64()), certificates],
    [call("x509.parse_certificates", ROOT.replaceAll("\n", "\r\n") + "text between\n" + LEAF), certificates],
    [call("x509.parse_certificates", ""), []],
    [call("x509.parse_certificates", "-----BEGIN"), []],
    [call("x509.parse_certificates", ROOT + LEAF_KEY), ERROR],
    [call("x509.parse_certificates", "x" + ROOT), ERROR],
    [call("x509.parse_certificates", der(ROOT).slice(0, -4)), ERROR],
    [call("x509.parse_certificates", 1), ERROR],
  ]);
});

Deno.test("a byte that breaks the DER of a certificate is an error", () => {
  const bytes = Uint8Array.fromBase64(der(LEAF));
  // Lengths that do not fit what they hold, a length of an indefinite form, a number with a needless first octet.
  for (const [at, value] of [[3, 0x46], [30, 0x0f], [32, 0x0d], [36, 0x80], [5, 0x80]]) {
    const broken = Uint8Array.from(bytes);
    broken[at] = value;
    assertEquals(resultOf(call("x509.parse_certificates", broken.toBase64())), ERROR, `byte ${at}`);
  }
});

const ALL = { KeyUsages: ["KeyUsageAny"], CurrentTime: 1800000000000000000 };

Deno.test("a chain is verified from the last certificate to the first", () => {
  const cases: readonly (readonly [string, Fields, boolean])[] = [
    [ROOT + LEAF, ALL, true],
    [ROOT + ROOT + LEAF, ALL, true],
    [ROOT + ROOT, ALL, true],
    [LEAF + ROOT, ALL, false],
    [LEAF, ALL, false],
    [ROOT + OUTSIDE, ALL, false],
    [ROOT + LEAF, { CurrentTime: 1800000000000000000 }, false],
    [ROOT + LEAF, { ...ALL, KeyUsages: ["KeyUsageClientAuth"] }, true],
    [ROOT + LEAF, { ...ALL, KeyUsages: ["KeyUsageCodeSigning"] }, false],
    [ROOT + LEAF, { ...ALL, CurrentTime: 0 }, false],
    [ROOT + LEAF, { ...ALL, CurrentTime: 5000000000000000000 }, false],
    [ROOT + LEAF, { ...ALL, DNSName: "A.example.com." }, true],
    [ROOT + LEAF, { ...ALL, DNSName: "10.0.0.1" }, true],
    [ROOT + LEAF, { ...ALL, DNSName: "[::ffff:10.0.0.1]" }, true],
    [ROOT + LEAF, { ...ALL, DNSName: "b.example.com" }, false],
    ["nonsense", ALL, false],
  ];
  for (const [input, options, valid] of cases) {
    const [found, chain] = resultOf(
      call("x509.parse_and_verify_certificates_with_options", input, options),
    ) as [boolean, Fields[]];
    assertEquals([found, chain.length > 0], [valid, valid], JSON.stringify(options));
  }
});

Deno.test("a verified chain starts at the leaf", () => {
  const [, chain] = resultOf(
    call("x509.parse_and_verify_certificates_with_options", ROOT + LEAF, ALL),
  ) as [boolean, Fields[]];
  assertEquals(chain.map(({ Subject }) => (Subject as Fields).CommonName), ["leaf", "root"]);
  assertEquals("URIStrings" in chain[0], false);
});

Deno.test("without options a chain is verified at the time of the evaluation", () =>
  checkCalls([
    [call("x509.parse_and_verify_certificates", ROOT + LEAF), [false, []]],
    [call("x509.parse_and_verify_certificates", "nonsense"), [false, []]],
    [call("x509.parse_and_verify_certificates", 1), ERROR],
  ]));

Deno.test("options that are not known are errors", () =>
  checkCalls([
    [call("x509.parse_and_verify_certificates_with_options", ROOT + LEAF, { Other: 1 }), ERROR],
    [call("x509.parse_and_verify_certificates_with_options", ROOT + LEAF, { DNSName: 1 }), ERROR],
    [call("x509.parse_and_verify_certificates_with_options", ROOT + LEAF, { CurrentTime: 1.5 }), ERROR],
    [call("x509.parse_and_verify_certificates_with_options", ROOT + LEAF, { KeyUsages: ["x"] }), ERROR],
    [call("x509.parse_and_verify_certificates_with_options", ROOT + LEAF, 1), ERROR],
  ]));

Deno.test("a certificate request has the fields of Go's x509.CertificateRequest", () => {
  const request = parsed("x509.parse_certificate_request", REQUEST);
  assertEquals((request.Subject as Fields).CommonName, "leaf");
  assertEquals([request.DNSNames, request.IPAddresses, request.Version], [["a.example.com"], ["10.0.0.1"], 0]);
  assertEquals((request.Extensions as unknown[]).length, 4);
  assertEquals((request.Attributes as Fields[])[0].Type, [1, 2, 840, 113549, 1, 9, 14]);
  checkCalls([
    [call("x509.parse_certificate_request", base64(REQUEST)), request],
    [call("x509.parse_certificate_request", der(REQUEST)), request],
    [call("x509.parse_certificate_request", ROOT), ERROR],
    [call("x509.parse_certificate_request", base64(ROOT)), ERROR],
    [call("x509.parse_certificate_request", ""), ERROR],
  ]);
});

Deno.test("a key pair is a certificate and the key that fits it", () => {
  const pair = parsed("x509.parse_keypair", LEAF + ROOT, LEAF_KEY);
  const seed = Uint8Array.fromBase64(der(LEAF_KEY)).slice(-32);
  const key = Uint8Array.from([...seed, ...Uint8Array.fromBase64("WaVR1cwhFJCDhoeigpjawsdzTF2REW3x6mYC4NhR9Zk=")]);
  assertEquals(pair.Certificate, [der(LEAF), der(ROOT)]);
  assertEquals(pair.PrivateKey, key.toBase64());
  assertEquals((pair.Leaf as Fields).SerialNumber, 7);
  checkCalls([
    [call("x509.parse_keypair", base64(LEAF + ROOT), base64(LEAF_KEY)), pair],
    [call("x509.parse_keypair", der(LEAF), der(LEAF_KEY)), { ...pair, Certificate: [der(LEAF)] }],
    [call("x509.parse_keypair", ROOT, LEAF_KEY), ERROR],
    [call("x509.parse_keypair", LEAF_KEY, LEAF), ERROR],
    [call("x509.parse_keypair", "", ""), ERROR],
  ]);
});

Deno.test("private keys are those of the PEM blocks that hold one", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const sec1 = pem("EC PRIVATE KEY", new Uint8Array(ec.export({ format: "der", type: "sec1" })).toBase64());
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  const pkcs1 = pem("RSA PRIVATE KEY", new Uint8Array(rsa.export({ format: "der", type: "pkcs1" })).toBase64());
  const keys = resultOf(call("parse_private_keys", sec1 + ROOT + pkcs1 + LEAF_KEY)) as unknown[];
  assertEquals(keys.slice(0, 2).map((key) => Object.keys(key as Fields).sort()), [
    ["Curve", "D", "X", "Y"],
    ["D", "E", "N", "Precomputed", "Primes"],
  ]);
  assertEquals(typeof keys[2], "string");
  checkCalls([
    [call("x509.parse_rsa_private_key", sec1), { ...ec.export({ format: "jwk" }) }],
    [call("x509.parse_rsa_private_key", base64(pkcs1)), { ...rsa.export({ format: "jwk" }) }],
    [call("x509.parse_rsa_private_key", ROOT), null],
    [call("x509.parse_rsa_private_key", ""), ERROR],
    [call("x509.parse_rsa_private_key", "invalid!"), ERROR],
    [call("parse_private_keys", ""), null],
    [call("parse_private_keys", "nothing"), []],
    [call("parse_private_keys", pem("PRIVATE KEY", "AAAA")), ERROR],
  ]);
});
