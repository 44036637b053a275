import { FetchError, shownAddress } from "./fetch_error.ts";

export interface OciAddress {
  /** `ghcr.io`, `localhost:5000`. */
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  /** `sha256:...`; where it is given, the tag says nothing. */
  readonly digest?: string;
}

const ADDRESS = /^oci:\/\/([^/@?#\s]+)\/([^:@?#\s]+)(?::([^:/@?#\s]+))?(?:@([^/@?#\s]+))?$/;
/** Distribution specification, "Pulling manifests". */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Reads `oci://HOST[:PORT]/REPOSITORY[:TAG][@sha256:DIGEST]`. The tag is `latest` where none is given. */
export function parseOciAddress(address: string): OciAddress {
  const [, authority, repository, tag = "latest", digest] = ADDRESS.exec(address) ?? [];
  const host = authority === undefined ? undefined : URL.parse(`https://${authority}`)?.host;
  const valid = host !== undefined && REPOSITORY.test(repository) && TAG.test(tag);
  if (!valid || digest !== undefined && !DIGEST.test(digest)) {
    throw new FetchError(shownAddress(address), "accepted oci://HOST[:PORT]/REPOSITORY[:TAG][@sha256:DIGEST]");
  }
  // The address that people write for Docker Hub is not where its API is.
  return { host: host === "docker.io" ? "registry-1.docker.io" : host, repository, tag, digest };
}
