import { BuiltinError, type Builtins, text } from "../builtin.ts";
import type { Value } from "../value.ts";
import { fromBase64, fromUtf8 } from "./binary_text.ts";
import { isPem, nextPemBlock, pemBlocks } from "./pem.ts";
import { importAnyPrivateKey, privateJwk, privateKeyJson, privateKeysOf, publicKeyBytes } from "./private_key.ts";
import { type Certificate, parseCertificates, parseOneCertificate } from "./x509_certificate.ts";
import { certificateJson, extendedCertificateJson, toGoJson } from "./x509_json.ts";
import { verifyOptionsOf } from "./x509_options.ts";
import { certificateRequestJson } from "./x509_request.ts";
import { verifyChain } from "./x509_verify.ts";

/** Sources: v1/topdown/crypto.go of OPA. Results have the shapes of Go's crypto/x509 and crypto/tls in JSON. */
export const x509Builtins: Builtins = {
  "crypto.x509.parse_certificates": ([input]) =>
    toGoJson(readCertificates(text(input, 1)).map(extendedCertificateJson)),
  "crypto.x509.parse_and_verify_certificates": ([input], { now }) => {
    const chain = verified(text(input, 1), () => ({ time: now, dnsName: "", keyUsages: [] }));
    return chain === undefined ? [false, []] : [true, toGoJson(chain.map(extendedCertificateJson))];
  },
  "crypto.x509.parse_and_verify_certificates_with_options": ([input, options], { now }) => {
    const chain = verified(text(input, 1), () => verifyOptionsOf(options, now));
    return chain === undefined ? [false, []] : [true, toGoJson(chain.map(certificateJson))];
  },
  "crypto.x509.parse_certificate_request": ([input]) => toGoJson(certificateRequestJson(requestBytes(text(input, 1)))),
  "crypto.x509.parse_keypair": ([certificate, key]) => keyPair(text(certificate, 1), text(key, 1)),
  "crypto.x509.parse_rsa_private_key": ([input]) => firstPrivateJwk(text(input, 1)),
  "crypto.parse_private_keys": ([input]) => {
    const pem = text(input, 1);
    return pem === "" ? null : toGoJson(privateKeysOf(decodedPem(pem)).map(privateKeyJson));
  },
};

/** From PEM, or from base64 of PEM or of DER. */
function readCertificates(input: string): Certificate[] {
  if (isPem(input)) return certificatesInPem(input);
  const bytes = fromBase64(input);
  const decoded = fromUtf8(bytes);
  return isPem(decoded) ? certificatesInPem(decoded) : parseCertificates(bytes);
}

function certificatesInPem(pem: string): Certificate[] {
  return [...pemBlocks(pem)].flatMap(({ type, bytes }) => {
    if (type !== "CERTIFICATE") throw new BuiltinError(`PEM block type is '${type}', expected CERTIFICATE`);
    return parseCertificates(bytes);
  });
}

function verified(input: string, options: () => Parameters<typeof verifyChain>[1]): Certificate[] | undefined {
  let certificates: Certificate[];
  try {
    certificates = readCertificates(input);
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
  return verifyChain(certificates, options());
}

function requestBytes(input: string): Uint8Array {
  const bytes = input.startsWith("-----BEGIN CERTIFICATE REQUEST-----") ? undefined : fromBase64(input);
  const block = nextPemBlock(bytes === undefined ? input : fromUtf8(bytes));
  if (block !== undefined && block.type !== "CERTIFICATE REQUEST") throw new BuiltinError("invalid PEM request");
  if (block === undefined && bytes === undefined) throw new BuiltinError("invalid PEM request");
  return block?.bytes ?? bytes!;
}

/** `tls.Certificate` of Go. */
function keyPair(certificateInput: string, keyInput: string): Value {
  const certificates = blocksOf(certificateInput, "CERTIFICATE").filter(({ type }) => type === "CERTIFICATE");
  const block = blocksOf(keyInput, "PRIVATE KEY").find(({ type }) => /(?:^| )PRIVATE KEY$/.test(type));
  if (certificates.length === 0 || block === undefined) throw new BuiltinError("failed to find PEM data in input");
  const leaf = parseOneCertificate(certificates[0].bytes);
  const key = importAnyPrivateKey(block.bytes);
  if (publicKeyBytes(key).toHex() !== leaf.rawPublicKey.toHex()) {
    throw new BuiltinError("private key does not match public key");
  }
  return toGoJson({
    Certificate: certificates.map(({ bytes }) => bytes),
    PrivateKey: privateKeyJson(key),
    SupportedSignatureAlgorithms: null,
    OCSPStaple: null,
    SignedCertificateTimestamps: null,
    Leaf: certificateJson(leaf),
  });
}

/** The blocks of PEM, or of base64 of PEM; base64 of DER counts as one block of the type. */
function blocksOf(input: string, type: string): { readonly type: string; readonly bytes: Uint8Array }[] {
  if (input.startsWith("-----BEGIN ")) return [...pemBlocks(input)];
  const bytes = fromBase64(input);
  const decoded = fromUtf8(bytes);
  return decoded.startsWith("-----BEGIN ") ? [...pemBlocks(decoded)] : [{ type, bytes }];
}

function firstPrivateJwk(input: string): Value {
  if (input === "") throw new BuiltinError("input PEM data was empty");
  const [key] = privateKeysOf(decodedPem(isPem(input) ? input : fromUtf8(fromBase64(input))));
  return key === undefined ? null : toGoJson(privateJwk(key));
}

/** What the text is base64 of, if it is. */
function decodedPem(input: string): string {
  try {
    return fromUtf8(fromBase64(input));
  } catch (error) {
    if (error instanceof BuiltinError) return input;
    throw error;
  }
}
