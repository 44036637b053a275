import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { compactVerify, decodeProtectedHeader } from "jose";
import * as v from "valibot";
import type { BundleFiles } from "./bundle_files.ts";
import { canonicalJson, isStructured } from "./structured_file.ts";
import { verificationKey } from "./verification_key.ts";

export interface VerifyOptions {
  /** PEM public key or certificate, or an HMAC secret. */
  readonly key: string;
  /** What the signature must name as its key; any or none when absent. */
  readonly keyId?: string;
  /** The signature's scope must be the same; it must have none when absent. */
  readonly scope?: string;
  /** Narrows what the kind of key allows: `RS256`. */
  readonly algorithms?: readonly string[];
}

const SIGNATURES = ".signatures.json";
/** What OPA writes for a signature that no plugin of its own made. */
const DEFAULT_PLUGIN = "_default";

const HASHES: Readonly<Record<string, string>> = {
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
  "SHA-512-256": "sha512-256",
};

const envelope = v.object({ signatures: v.array(v.string()), plugin: v.optional(v.string(), "") });
const payload = v.object({
  files: v.array(v.object({ name: v.string(), hash: v.string(), algorithm: v.string() })),
  scope: v.optional(v.string(), ""),
  keyid: v.optional(v.string()),
});

type Payload = v.InferOutput<typeof payload>;

/**
 * Verifies the signature of `opa sign` or `opa build --signing-key` (v1/bundle/verify.go of OPA): one JWS whose payload
 * lists exactly the bundle's files. Throws an Error that says what was found and what is accepted.
 */
export async function verifySignatures(files: BundleFiles, options: VerifyOptions): Promise<void> {
  const signed = await verifiedPayload(oneToken(files), options);
  if (signed.scope !== (options.scope ?? "")) throw wrong("scope", named(signed.scope), named(options.scope));
  const left = new Set(files.keys());
  left.delete(SIGNATURES);
  for (const { name, hash, algorithm } of signed.files) {
    if (!left.delete(name)) throw wrong("files", `no ${named(name)} as signed`, "every signed file, once");
    checkHash(name, { bytes: files.get(name)!, hash, algorithm });
  }
  const [unsigned] = left;
  if (unsigned !== undefined) throw wrong("files", `${named(unsigned)}, which is not signed`, "signed files only");
}

function oneToken(files: BundleFiles): string {
  const bytes = files.get(SIGNATURES);
  if (bytes === undefined) throw wrong(SIGNATURES, "none: the bundle is unsigned", "a signed bundle");
  const { signatures, plugin } = parsed(envelope, bytes);
  if (signatures.length !== 1) throw wrong(SIGNATURES, `${signatures.length} signatures`, "exactly one");
  if (!["", DEFAULT_PLUGIN].includes(plugin)) throw wrong(SIGNATURES, `the plugin ${named(plugin)}`, DEFAULT_PLUGIN);
  return signatures[0];
}

async function verifiedPayload(token: string, options: VerifyOptions): Promise<Payload> {
  const { key, algorithms } = verificationKey(options.key);
  const allowed = algorithms.filter((algorithm) => options.algorithms?.includes(algorithm) ?? true);
  const { alg, kid } = headerOf(token);
  if (alg === undefined || !allowed.includes(alg)) {
    throw wrong("algorithm", named(alg), allowed.join(", ") || "none that fits the key");
  }
  const verified = await compactVerify(token, key, { algorithms: allowed }).catch((cause) => {
    throw new Error(`signature: found one that the key did not make (${cause.message}), accepted the key's`, { cause });
  });
  const signed = parsed(payload, verified.payload);
  const keyId = kid || signed.keyid;
  if (options.keyId !== undefined && keyId !== options.keyId) throw wrong("key id", named(keyId), named(options.keyId));
  return signed;
}

function headerOf(token: string): { alg?: string; kid?: string } {
  try {
    return decodeProtectedHeader(token);
  } catch (cause) {
    throw new Error(`${SIGNATURES}: found a signature that is no JWS, accepted compact JWS (RFC 7515)`, { cause });
  }
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, bytes: Uint8Array): v.InferOutput<Schema> {
  try {
    return v.parse(schema, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`${SIGNATURES}: found what opa sign does not write (${message}), accepted its JSON`, { cause });
  }
}

interface Signed {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly algorithm: string;
}

function checkHash(name: string, { bytes, hash, algorithm }: Signed): void {
  const hasher = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
  if (hasher === undefined) throw wrong(name, `the hash ${named(algorithm)}`, Object.keys(HASHES).join(", "));
  const digest = createHash(hasher).update(isStructured(name) ? structured(name, bytes) : bytes).digest();
  const signed = Buffer.from(hash, "hex");
  if (signed.length !== digest.length || !timingSafeEqual(signed, digest)) {
    throw wrong(name, `other content (${algorithm} ${digest.toString("hex")})`, `what was signed (${hash})`);
  }
}

function structured(name: string, bytes: Uint8Array): string {
  try {
    return canonicalJson(name, bytes);
  } catch (cause) {
    throw new Error(`${name}: found what cannot be read (${(cause as Error).message}), accepted its signed value`, {
      cause,
    });
  }
}

function wrong(subject: string, found: string, accepted: string): Error {
  return new Error(`${subject}: found ${found}, accepted ${accepted}`);
}

function named(text: string | undefined): string {
  return text ? JSON.stringify(text.slice(0, 80)) : "none";
}
