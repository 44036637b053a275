import { within } from "./deadline.ts";
import type { Answer } from "./exchange.ts";
import { FetchError, shownAddress } from "./fetch_error.ts";
import { isLoopback } from "./hosts.ts";
import { credentials, type Fetched, type FetchOptions, type Known } from "./https.ts";
import { bundleLayer, type Descriptor, MANIFEST_TYPES, onlyImage, parseManifest } from "./manifest.ts";
import { type OciAddress, parseOciAddress } from "./oci_address.ts";
import { digestOf, readJson, verify } from "./received.ts";
import { ask, type Repository } from "./registry.ts";

/** What the distribution specification wants registries to accept at least. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;
const ACCEPT = MANIFEST_TYPES.join(", ");

/**
 * Fetches the bundle that `oci://HOST[:PORT]/REPOSITORY[:TAG][@sha256:DIGEST]` names, by the OCI distribution
 * specification. The manifest's digest is the etag. Credentials go to the registry, and to the token service that it
 * names where that is on its host or on one of `hosts`. Throws FetchError as fetchHttps does.
 */
export async function fetchOci(
  address: string,
  options: FetchOptions,
  known?: Known,
): Promise<Fetched | "unchanged"> {
  const place = parseOciAddress(address);
  if (known !== undefined && known.etag === place.digest) return "unchanged";
  const shown = shownAddress(address);
  const authorization = credentials(options.auth, shown);
  return await within({ ...options, address: shown }, async (signal) => {
    const repository: Repository = { base: baseOf(place, options.ca), name: place.repository, options, signal };
    // A password waits until the registry says whether itself or a token service wants it.
    if (options.auth && "bearer" in options.auth) repository.authorization = authorization;
    const path = `manifests/${place.digest ?? place.tag}`;
    if (known !== undefined && await announcedDigest(repository, path) === known.etag) return "unchanged";
    const manifest = await ask(repository, path, { accept: ACCEPT, maxBytes: LARGEST_MANIFEST });
    const etag = place.digest ?? digestOf(manifest);
    verify(manifest, { digest: etag });
    if (etag === known?.etag) return "unchanged";
    return { bytes: await bundleOf(repository, manifest), etag };
  });
}

/** A registry on this machine has no certificate, unless its CA is given. */
function baseOf({ host, repository }: OciAddress, ca?: string): URL {
  const url = new URL(`https://${host}/v2/${repository}/`);
  return isLoopback(url) && ca === undefined ? new URL(`http://${host}/v2/${repository}/`) : url;
}

/** By HEAD: some registries count every GET of a manifest as a pull, and allow only so many. */
async function announcedDigest(repository: Repository, path: string): Promise<string | null> {
  const { headers } = await ask(repository, path, { method: "HEAD", accept: ACCEPT, maxBytes: 0 });
  return headers.get("docker-content-digest");
}

async function bundleOf(repository: Repository, manifest: Answer): Promise<Uint8Array<ArrayBuffer>> {
  const layer = bundleLayer(await layersOf(repository, manifest), shownAddress(manifest.url));
  const { maxBytes } = repository.options;
  if (layer.size > maxBytes) {
    throw new FetchError(shownAddress(manifest.url), `its bundle has ${layer.size} bytes, accepted ${maxBytes}`);
  }
  return (await announced(repository, `blobs/${layer.digest}`, layer)).bytes;
}

async function layersOf(repository: Repository, manifest: Answer): Promise<readonly Descriptor[]> {
  const found = parseManifest(readJson(manifest), shownAddress(manifest.url));
  if ("layers" in found) return found.layers;
  const image = onlyImage(found.manifests, shownAddress(manifest.url));
  if (image.size > LARGEST_MANIFEST) {
    throw new FetchError(shownAddress(manifest.url), `its manifest has ${image.size} bytes`);
  }
  const inner = await announced(repository, `manifests/${image.digest}`, image);
  const listed = parseManifest(readJson(inner), shownAddress(inner.url));
  if ("layers" in listed) return listed.layers;
  throw new FetchError(shownAddress(inner.url), "an index inside an index, accepted an image manifest");
}

/** What a descriptor announces, and nothing else. */
async function announced(repository: Repository, path: string, descriptor: Descriptor): Promise<Answer> {
  const accept = path.startsWith("manifests/") ? ACCEPT : undefined;
  const answer = await ask(repository, path, { accept, maxBytes: descriptor.size });
  verify(answer, descriptor);
  return answer;
}
