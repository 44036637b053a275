import * as v from "valibot";
import { firstRunes, oneLine } from "../core/text.ts";
import { FetchError } from "./fetch_error.ts";
import { DIGEST } from "./oci_address.ts";

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
const DescriptorShape = v.object({
  mediaType: v.string(),
  digest: v.string(),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  platform: v.optional(v.object({ os: v.optional(v.string()), architecture: v.optional(v.string()) })),
});
export type Descriptor = v.InferOutput<typeof DescriptorShape>;

const Manifest = v.object({ layers: v.array(DescriptorShape), manifests: v.optional(v.undefined()) });
const Index = v.object({ manifests: v.array(DescriptorShape), layers: v.optional(v.undefined()) });

/** Docker's lists and manifests have the same shape; OPA follows them too (v1/download/oci_download.go). */
export const MANIFEST_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/**
 * Of a bundle: what OPA reads and the policy CLI pushes; what `oras push` says of a file without a type; what
 * Trivy's checks and other bundles on CNCF registries use. Conftest's `...+rego` layers are files, not bundles.
 */
const BUNDLE_TYPES = [
  "application/vnd.oci.image.layer.v1.tar+gzip",
  "application/vnd.oci.image.layer.v1.tar",
  "application/vnd.cncf.openpolicyagent.layer.v1.tar+gzip",
];

/** An image's manifest, or an index of them: what it lists. A document that is both is neither: readers differ. */
export type Listed = { readonly layers: readonly Descriptor[] } | { readonly manifests: readonly Descriptor[] };

export function parseManifest(json: unknown, address: string): Listed {
  const found = v.safeParse(v.union([Manifest, Index]), json);
  if (!found.success) throw new FetchError(address, "neither an image manifest nor an index of them");
  const { layers, manifests } = found.output;
  return layers === undefined ? { manifests: manifests! } : { layers };
}

/** The one bundle among the layers. */
export function bundleLayer(layers: readonly Descriptor[], address: string): Descriptor {
  return only(layers.filter(({ mediaType }) => BUNDLE_TYPES.includes(mediaType)), {
    address,
    problem: `found ${listed(layers, "layers")}, accepted one layer of ${BUNDLE_TYPES.join(" or ")}`,
  });
}

/** The one image of an index. Build tools add provenance to it under an unknown platform. */
export function onlyImage(manifests: readonly Descriptor[], address: string): Descriptor {
  const images = manifests.filter(({ platform }) => platform?.os !== "unknown" || platform.architecture !== "unknown");
  return only(images, { address, problem: `found ${listed(manifests, "manifests")}, accepted one image manifest` });
}

function only(descriptors: readonly Descriptor[], { address, problem }: { address: string; problem: string }) {
  if (descriptors.length !== 1) throw new FetchError(address, problem);
  const [descriptor] = descriptors;
  if (!DIGEST.test(descriptor.digest)) throw new FetchError(address, "announces another digest than sha256:...");
  return descriptor;
}

const MOST_LISTED = 10;
const LONGEST_TYPE = 100;

function listed(descriptors: readonly Descriptor[], what: string): string {
  if (descriptors.length === 0) return `no ${what}`;
  const types = descriptors.slice(0, MOST_LISTED).map(({ mediaType }) => firstRunes(oneLine(mediaType), LONGEST_TYPE));
  const more = descriptors.length > MOST_LISTED ? ", ..." : "";
  return `${descriptors.length} ${what} (${types.join(", ")}${more})`;
}
