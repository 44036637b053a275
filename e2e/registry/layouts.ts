import type { Pushed, Registry } from "./debian_registry.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CREATED = { "org.opencontainers.image.created": "2026-01-01T00:00:00Z" };
const EMPTY = new TextEncoder().encode("{}");

export interface Layout {
  readonly config: string;
  readonly layer: string;
  readonly artifactType?: string;
  readonly layerAnnotations?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** In an index, beside the provenance that build tools add. */
  readonly index?: boolean;
}

const TITLE = { "org.opencontainers.image.title": "bundle.tar.gz" };
const POLICY = {
  ...CREATED,
  "org.opencontainers.image.title": "team/policies",
  "org.openpolicyregistry.type": "policy",
};
const IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json";
const EMPTY_CONFIG = "application/vnd.oci.empty.v1+json";
const TAR_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";

/** How tools write a bundle into a registry. */
export const LAYOUTS: Record<string, Layout> = {
  // https://www.openpolicyagent.org/docs/management-bundles#oci-registry
  "oras push as OPA's documentation has it": { config: IMAGE_CONFIG, layer: TAR_GZIP, layerAnnotations: TITLE },
  // oras.land/oras-go/v2: content/file/file.go, pack.go
  "oras push of a file without a type": {
    config: EMPTY_CONFIG,
    layer: "application/vnd.oci.image.layer.v1.tar",
    artifactType: "application/vnd.unknown.artifact.v1",
    layerAnnotations: TITLE,
    annotations: CREATED,
  },
  // opcr-io/policy: pkg/app/build.go
  "the policy CLI": {
    config: EMPTY_CONFIG,
    layer: TAR_GZIP,
    artifactType: MANIFEST,
    layerAnnotations: POLICY,
    annotations: POLICY,
  },
  // opcr-io/policy: oci/oci.go, pushBasedOnTarBall
  "the policy CLI before it wrote manifests": { config: IMAGE_CONFIG, layer: TAR_GZIP, annotations: POLICY },
  "an index of one image, as docker buildx writes": { config: IMAGE_CONFIG, layer: TAR_GZIP, index: true },
  "the media type of Trivy's checks": {
    config: "application/vnd.cncf.openpolicyagent.config.v1+json",
    layer: "application/vnd.cncf.openpolicyagent.layer.v1.tar+gzip",
    layerAnnotations: TITLE,
  },
};

export interface Push extends Layout {
  readonly repository: string;
  readonly bundle: Uint8Array<ArrayBuffer>;
}

/** Pushes a bundle under the tag `v1`; what that names. */
export async function push(registry: Registry, { repository, bundle, ...layout }: Push): Promise<Pushed> {
  const layer = await registry.blob(repository, bundle);
  const image = manifestOf(layout, { layer, config: await registry.blob(repository, EMPTY) });
  if (!layout.index) return await registry.manifest(repository, image, "v1");
  const inner = await registry.manifest(repository, image);
  const provenance = await registry.manifest(repository, { ...image, annotations: { provenance: "yes" } });
  return await registry.manifest(repository, indexOf(inner, provenance), "v1");
}

function manifestOf(layout: Omit<Layout, "index">, { layer, config }: { layer: Pushed; config: Pushed }) {
  const { artifactType, annotations, layerAnnotations } = layout;
  return {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType,
    config: { ...config, mediaType: layout.config },
    layers: [{ ...layer, mediaType: layout.layer, annotations: layerAnnotations }],
    annotations,
  };
}

function indexOf(image: Pushed, provenance: Pushed) {
  return {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      { ...image, platform: { architecture: "amd64", os: "linux" } },
      { ...provenance, platform: { architecture: "unknown", os: "unknown" } },
    ],
  };
}
