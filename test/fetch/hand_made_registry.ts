import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type LoopbackServer, serveHttp } from "./loopback_server.ts";

export const BUNDLE = Buffer.from("a bundle's bytes");
export const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

export const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os?: string; architecture?: string };
}

export const descriptorOf = (bytes: Uint8Array | string, mediaType = LAYER): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: Buffer.byteLength(bytes),
});

export const manifestOf = (layers: readonly unknown[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: descriptorOf("{}"), layers });

export const indexOf = (manifests: readonly unknown[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });

export interface Contents {
  /** What the tag `v1` names. */
  readonly manifest?: string;
  /** More manifests, by their digest. */
  readonly inner?: readonly string[];
  readonly blobs?: readonly Uint8Array[];
  /** Answers before the registry does, where it gives true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly secure?: boolean;
}

/** A registry with one repository, `team/policies`, that answers whatever a test wants. */
export async function handMadeRegistry(contents: Contents = {}): Promise<LoopbackServer & { address: string }> {
  const { manifest = manifestOf([descriptorOf(BUNDLE)]), inner = [], blobs = [BUNDLE], secure } = contents;
  const files = new Map<string, Uint8Array>([["manifests/v1", Buffer.from(manifest)]]);
  for (const text of [manifest, ...inner]) files.set(`manifests/${digestOf(text)}`, Buffer.from(text));
  for (const blob of blobs) files.set(`blobs/${digestOf(blob)}`, blob);
  const listener: RequestListener = (request, response) => {
    if (contents.intercept?.(request, response)) return;
    const found = files.get(request.url!.replace(/^\/v2\/team\/policies\//, ""));
    if (found === undefined) return response.writeHead(404).end();
    response.setHeader("content-length", found.length).setHeader("docker-content-digest", digestOf(found));
    response.end(request.method === "HEAD" ? undefined : found);
  };
  const server = await serveHttp(listener, { secure });
  return { ...server, address: `oci://${server.host}/team/policies:v1` };
}

/** What a server was asked, one line a request: `GET manifests/v1`. */
export const asked = ({ requests }: LoopbackServer) =>
  requests.map(({ method, url }) => `${method} ${url!.replace("/v2/team/policies/", "")}`);

/** For `intercept`: what `end` returns differs between versions of Deno. */
export const answered = (_end: unknown): true => true;
