import type { Image } from "../contract.ts";

/** Grammar of distribution/reference (regexp.go), each part anchored and free of nested repetition. */
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
/** The algorithms of opencontainers/go-digest: others are refused by every runtime. */
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
/** Runtimes take it for the id of an image on the node, from whatever registry that came. */
const IDENTIFIER = /^[0-9a-f]{64}$/;
const LONGEST = 4096;
const LONGEST_REPOSITORY = 255;

/**
 * Reads an image reference as a container runtime does: without a host it is docker.io, a single name on docker.io
 * is in `library/`. Null when the text is not a valid reference. Host names are given in lower case.
 */
export function parseImage(text: string): Image | null {
  if (text.length > LONGEST || IDENTIFIER.test(text)) return null;
  const at = text.indexOf("@");
  const digest = at < 0 ? null : text.slice(at + 1);
  if (digest !== null && !DIGEST.test(digest)) return null;
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const tag = colon < 0 ? null : named.slice(colon + 1);
  if (tag !== null && !TAG.test(tag)) return null;
  const place = placeOf(colon < 0 ? named : named.slice(0, colon));
  return place && { ...place, tag, digest };
}

function placeOf(name: string): { registry: string; repository: string } | null {
  const [first, rest] = cut(name);
  const hasHost = rest !== null && (/[.:A-Z]/.test(first) || first === "localhost");
  const registry = hasHost ? canonicalHost(first) : "docker.io";
  const path = hasHost ? rest : name;
  if (registry === null || !REPOSITORY.test(path)) return null;
  const repository = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  return repository.length > LONGEST_REPOSITORY ? null : { registry, repository };
}

/** Before and after the first slash; null after it where there is none. */
function cut(name: string): [string, string | null] {
  const slash = name.indexOf("/");
  return slash < 0 ? [name, null] : [name.slice(0, slash), name.slice(slash + 1)];
}

function canonicalHost(host: string): string | null {
  if (!HOST.test(host)) return null;
  const lower = host.toLowerCase();
  return lower === "index.docker.io" ? "docker.io" : lower;
}
