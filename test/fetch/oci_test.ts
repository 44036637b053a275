import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { fetchOci } from "../../src/fetch/oci.ts";
import type { FetchOptions } from "../../src/fetch/https.ts";
import {
  answered,
  asked,
  BUNDLE,
  type Contents,
  descriptorOf,
  digestOf,
  handMadeRegistry,
  indexOf,
  manifestOf,
} from "./hand_made_registry.ts";
import { CERT, failure, SECRET, serveHttp, serveRaw } from "./loopback_server.ts";

const OPTIONS: FetchOptions = { timeoutMs: 5000, maxBytes: 1000, hosts: [] };
const MANIFEST = manifestOf([descriptorOf(BUNDLE)]);
const IMAGE = descriptorOf(MANIFEST, "application/vnd.oci.image.manifest.v1+json");
const UNKNOWN = { os: "unknown", architecture: "unknown" };

const fetched = (address: string, options: Partial<FetchOptions> = {}, etag?: string) =>
  fetchOci(address, { ...OPTIONS, ...options }, etag === undefined ? undefined : { etag });

async function assertBundle(result: ReturnType<typeof fetched>, etag = digestOf(MANIFEST)): Promise<void> {
  const found = await result;
  assert.ok(found !== "unchanged");
  assert.equal(found.etag, etag);
  assert.equal(new TextDecoder().decode(found.bytes), BUNDLE.toString());
}

Deno.test("a tag gives the bundle, with the manifest's digest as etag", async () => {
  await using registry = await handMadeRegistry();
  await assertBundle(fetched(registry.address));
  assert.deepEqual(asked(registry), ["GET manifests/v1", `GET blobs/${digestOf(BUNDLE)}`]);
});

Deno.test("a digest is what is asked for, whatever the tag says", async () => {
  await using registry = await handMadeRegistry();
  await assertBundle(fetched(`oci://${registry.host}/team/policies:gone@${digestOf(MANIFEST)}`));
  assert.equal(asked(registry)[0], `GET manifests/${digestOf(MANIFEST)}`);
});

Deno.test("without a tag and a digest it is latest", async () => {
  await using registry = await handMadeRegistry();
  await failure(fetched(`oci://${registry.host}/team/policies`));
  assert.deepEqual(asked(registry), ["GET manifests/latest"]);
});

Deno.test("a registry on this machine is asked over TLS where a CA is given", async () => {
  await using registry = await handMadeRegistry({ secure: true });
  await assertBundle(fetched(registry.address, { ca: CERT }));
});

Deno.test("the same manifest again is unchanged, and no layer is fetched", async () => {
  await using registry = await handMadeRegistry();
  assert.equal(await fetched(registry.address, {}, digestOf(MANIFEST)), "unchanged");
  assert.deepEqual(asked(registry), ["HEAD manifests/v1"]);
  await assertBundle(fetched(registry.address, {}, digestOf("an older one")));
});

Deno.test("a registry that announces no digest is asked for the manifest", async () => {
  await using registry = await handMadeRegistry({
    intercept: ({ method }, response) => method === "HEAD" && answered(response.end()),
  });
  assert.equal(await fetched(registry.address, {}, digestOf(MANIFEST)), "unchanged");
  assert.deepEqual(asked(registry), ["HEAD manifests/v1", "GET manifests/v1"]);
});

Deno.test("a digest that is known is unchanged without a question", async () => {
  const etag = digestOf(MANIFEST);
  assert.equal(await fetched(`oci://registry.invalid/team/policies@${etag}`, {}, etag), "unchanged");
});

Deno.test("an index with one image gives its bundle, with the index's digest as etag", async () => {
  const provenance = { ...descriptorOf("provenance"), platform: UNKNOWN };
  const manifest = indexOf([provenance, IMAGE]);
  await using registry = await handMadeRegistry({ manifest, inner: [MANIFEST] });
  await assertBundle(fetched(registry.address), digestOf(manifest));
});

for (
  const mediaType of [
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.cncf.openpolicyagent.layer.v1.tar+gzip",
  ]
) {
  Deno.test(`a layer is a bundle: ${mediaType}`, async () => {
    const manifest = manifestOf([descriptorOf("notes", "text/plain"), descriptorOf(BUNDLE, mediaType)]);
    await using registry = await handMadeRegistry({ manifest });
    await assertBundle(fetched(registry.address), digestOf(manifest));
  });
}

const OTHER = "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego";
const TOO_LARGE = { ...descriptorOf(BUNDLE), size: 10_000_000_000 };
const layers = (...descriptors: readonly unknown[]): Contents => ({ manifest: manifestOf(descriptors) });

/** What a registry can hold that is no bundle. */
const CONTENTS: Record<string, [Contents, RegExp]> = {
  "no layer": [layers(), /: found no layers, accepted one layer of application\/vnd.oci.image.layer.v1.tar\+gzip or /],
  "no bundle": [layers(descriptorOf("x", OTHER), descriptorOf("y\n", "a\nb")), /: found 2 layers \(\S+\+rego, a; b\),/],
  "two bundles": [layers(descriptorOf("x"), descriptorOf(BUNDLE)), /: found 2 layers \(\S+, \S+\), accepted one layer/],
  "many layers": [layers(...Array(12).fill(descriptorOf("x"))), /: found 12 layers \((?:\S+, ){10}\.\.\.\), accepted/],
  "two images": [
    { manifest: indexOf([IMAGE, IMAGE]) },
    /: found 2 manifests \(\S+, \S+\), accepted one image manifest/,
  ],
  "no image": [{ manifest: indexOf([]) }, /: found no manifests, accepted one image manifest/],
  "an index inside an index": [
    { manifest: indexOf([descriptorOf(indexOf([IMAGE]))]), inner: [indexOf([IMAGE])] },
    /: an index inside an index, accepted an image manifest$/,
  ],
  "both an image and an index": [
    { manifest: JSON.stringify({ layers: [descriptorOf(BUNDLE)], manifests: [IMAGE] }) },
    /: neither an image manifest nor an index of them$/,
  ],
  "not a manifest": [{ manifest: "[]" }, /: neither an image manifest nor an index of them$/],
  "a layer of a negative size": [layers({ ...descriptorOf(BUNDLE), size: -1 }), /: neither an image manifest nor/],
  "not JSON": [{ manifest: "<html>" }, /: not JSON$/],
  "another algorithm": [
    layers({ ...descriptorOf(BUNDLE), digest: `sha512:${"0".repeat(128)}` }),
    /than sha256:\.\.\.$/,
  ],
  "a digest that is a path": [layers({ ...descriptorOf(BUNDLE), digest: "sha256:../../x" }), /than sha256:\.\.\.$/],
  "10 GB claimed": [layers(TOO_LARGE), /: its bundle has 10000000000 bytes, accepted 1000$/],
  "10 GB of manifest claimed": [
    { manifest: indexOf([{ ...IMAGE, size: 10_000_000_000 }]) },
    /: its manifest has 10000000000 bytes$/,
  ],
  "a layer smaller than announced": [
    layers({ ...descriptorOf(BUNDLE), size: BUNDLE.length + 1 }),
    /: 16 bytes, announced were 17$/,
  ],
  "a layer larger than announced": [
    layers({ ...descriptorOf(BUNDLE), size: BUNDLE.length - 1 }),
    /: 16 bytes, accepted 15$/,
  ],
  "a layer that is not there": [{ blobs: [] }, /blobs\/sha256:[0-9a-f]{64}: answered 404 Not Found$/],
};

for (const [what, [contents, message]] of Object.entries(CONTENTS)) {
  Deno.test(`a registry's content is refused: ${what}`, async () => {
    await using registry = await handMadeRegistry(contents);
    const found = await failure(fetched(registry.address));
    assert.ok(found.startsWith(`${registry.address}: http://${registry.host}/v2/team/policies/`), found);
    assert.match(found, message);
  });
}

const swapped = (path: string, body: string): Contents => ({
  intercept: ({ url }, response) => url!.includes(path) && answered(response.end(body)),
});

Deno.test("a layer with another digest than announced is refused", async () => {
  await using registry = await handMadeRegistry(swapped("blobs/", "B bundle's bytes"));
  assert.match(await failure(fetched(registry.address)), /: its digest is sha256:\w{64}, announced was sha256:\w{64}$/);
});

Deno.test("a manifest with another digest than the address's is refused", async () => {
  await using registry = await handMadeRegistry(swapped("manifests/", `${MANIFEST} `));
  const address = `oci://${registry.host}/team/policies@${digestOf(MANIFEST)}`;
  assert.match(await failure(fetched(address)), /: its digest is sha256:\w{64}, announced was sha256:\w{64}$/);
});

Deno.test("an image with another digest than the index announces is refused", async () => {
  const manifest = indexOf([IMAGE]);
  const body = MANIFEST.replace(/\d/, "3");
  await using registry = await handMadeRegistry({ manifest, ...swapped(IMAGE.digest, body) });
  assert.match(await failure(fetched(registry.address)), /: its digest is /);
});

Deno.test("a manifest that is too large is not read", async () => {
  await using registry = await handMadeRegistry(swapped("manifests/", " ".repeat(4 * 1024 * 1024 + 1)));
  assert.match(
    await failure(fetched(registry.address)),
    /: (?:4194305 bytes, accepted 4194304|more than 4194304 bytes)$/,
  );
});

Deno.test("the deadline counts over manifest and layer", async () => {
  let layerAsked = false;
  await using server = await serveRaw((socket, asked) => {
    if (asked.includes("/manifests/")) {
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${MANIFEST.length}\r\nconnection: close\r\n\r\n${MANIFEST}`);
    } else layerAsked = true;
  });
  const address = `oci://${server.host}/team/policies:v1`;
  assert.equal(await failure(fetched(address, { timeoutMs: 300 })), `${address}: not done within 300 ms`);
  assert.ok(layerAsked);
});

const storage: RequestListener = ({ url }, response) => response.end(url!.startsWith("/blob?") ? BUNDLE : "");

Deno.test("a layer may lie at an allowed host, which sees no credentials", async () => {
  await using other = await serveHttp(storage);
  const location = `${other.origin}/blob?X-Signature=${SECRET}`;
  await using registry = await handMadeRegistry({
    intercept: ({ url }, response) => url!.includes("blobs/") && answered(response.writeHead(307, { location }).end()),
  });
  await assertBundle(fetched(registry.address, { hosts: [other.host], auth: { bearer: SECRET } }));
  assert.equal(other.requests[0].headers.authorization, undefined);
  assert.equal(registry.requests[1].headers.authorization, `Bearer ${SECRET}`);
  assert.match(
    await failure(fetched(registry.address)),
    /redirects to \S+\/blob\?\.\.\., accepted hosts 127.0.0.1:\d+$/,
  );
});

const ADDRESSES = [
  "oci://",
  "oci://host",
  "oci://host/",
  "oci:host/repository",
  "https://host/repository",
  "oci://host/UPPER",
  "oci://host/a//b",
  "oci://host/a/../b",
  "oci://host/a:b:c",
  "oci://host/a:tag/b",
  "oci://host/a:",
  "oci://host/a@",
  `oci://host/a@sha256:${"0".repeat(63)}`,
  `oci://host/a@sha512:${"0".repeat(128)}`,
  `oci://host/a?token=${SECRET}`,
  `oci://user:${SECRET}@host/a`,
  `oci://user:x/${SECRET}@host/a`,
  "oci://ho st/a",
  "oci://host:99999/a",
];

for (const address of ADDRESSES) {
  Deno.test(`an address is refused: ${address}`, async () => {
    assert.match(
      await failure(fetched(address)),
      /: accepted oci:\/\/HOST\[:PORT\]\/REPOSITORY\[:TAG\]\[@sha256:DIGEST\]$/,
    );
  });
}
