import * as v from "valibot";
import { failureMode, listOf, mapOf, path, refusing, secondsBetween, settings, wholeNumber } from "./shapes.ts";

const FORMS = "the name of a shipped policy, a path (./name.ts, ../name.js, ./bundle.tar.gz, ./bundle), or the " +
  "address of a bundle (https://..., oci://...)";

/** Where a policy is read from, if it is not shipped. */
export type SourceKind = "path" | "https" | "oci";

/** Told from the name of something shipped by how it begins or ends; null for such a name. */
export function sourceKind(use: string): SourceKind | null {
  if (/^https:\/\//.test(use)) return "https";
  if (/^oci:\/\//.test(use)) return "oci";
  return /^\.{0,2}\/|^[^:]*\.(ts|js|mjs|tar\.gz)$/.test(use) ? "path" : null;
}

function refusedUse(use: string): string | null {
  if (sourceKind(use) === null) return /^[a-z][a-z0-9_-]*$/.test(use) ? null : FORMS;
  return sourceKind(use) === "path" || URL.canParse(use) ? null : FORMS;
}

const variable = mapOf({
  env: v.pipe(
    v.string("the name of a variable"),
    v.regex(/^[A-Za-z_]\w*$/, "the name of a variable"),
    v.description("The environment variable's name."),
  ),
});

const verify = mapOf({
  key: v.pipe(
    v.union([path, variable], "a path, or a map of env"),
    v.description("PEM file of the public key, or the environment variable that holds the key or the secret of HS256."),
  ),
  keyId: v.optional(v.pipe(v.string("a text"), v.description("The key's id, where the signature has to name it."))),
  scope: v.optional(v.pipe(v.string("a text"), v.description("The scope that the signature has to be for."))),
  minRevision: v.optional(
    v.pipe(
      v.string("a text"),
      v.description("The oldest revision that is loaded: an integer, a semantic version or an RFC 3339 time."),
    ),
  ),
});

const HOST = "a host, or HOST:PORT";
const host = v.pipe(v.string(HOST), v.regex(/^([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i, HOST));

const LARGEST_FETCH = 1024 * 1024 * 1024;

const fetchSettings = mapOf({
  timeoutSeconds: v.optional(
    v.pipe(wholeNumber(1, 300), v.description("Time for the whole transfer.")),
    10,
  ),
  maxBytes: v.optional(
    v.pipe(wholeNumber(1, LARGEST_FETCH), v.description("Size of what is fetched.")),
    32 * 1024 * 1024,
  ),
  hosts: v.optional(
    v.pipe(listOf(host), v.description("Hosts that redirects may lead to, besides the address's own.")),
    [],
  ),
  ca: v.optional(v.pipe(path, v.description("PEM file of an authority to trust besides the system's."))),
  username: v.optional(v.pipe(v.string("a text"), v.description("For basic authentication."))),
  password: v.optional(v.pipe(variable, v.description("The environment variable that holds the password."))),
  token: v.optional(v.pipe(variable, v.description("The environment variable that holds a bearer token."))),
});

const fetch = v.pipe(
  fetchSettings,
  v.check(({ username, password }) => password === undefined || username !== undefined, "username with password"),
  v.check(({ username, token }) => username === undefined || token === undefined, "username and password, or token"),
);

/** How an address is fetched of which nothing is said. */
export const DEFAULT_FETCH = v.parse(fetch, {});

/** An entry of `policies`. */
export const policySchema = mapOf({
  use: v.pipe(
    v.string(FORMS),
    refusing(refusedUse),
    v.description(
      "A bare word is shipped with kp: platform, pod-security, or one policy by its name. " +
        "A path is relative to this file: a TypeScript or JavaScript module, or an OPA bundle (opa build -t wasm). " +
        "A bundle may also be at an address.",
    ),
    v.examples(["platform", "pod-security", "./acme/pinned_images.ts", "oci://ghcr.io/acme/policies:v1"]),
  ),
  options: v.optional(settings),
  verify: v.optional(v.pipe(verify, v.description("How the signature of a bundle is verified (opa sign)."))),
  fetch: v.optional(v.pipe(fetch, v.description("How a bundle is fetched from an address."))),
  failure: v.optional(
    v.pipe(failureMode, v.description("How a failure of it is answered, whatever the file's failure says of others.")),
  ),
  timeoutSeconds: v.optional(
    v.pipe(
      secondsBetween(0.01, 30),
      v.description(
        "The longest that one evaluation of it may take in kp serve, as seconds. At most half of what is " +
          "left to the request's deadline.",
      ),
    ),
  ),
});
