import assert from "node:assert/strict";
import { fetchOci } from "../../src/fetch/oci.ts";
import type { FetchOptions } from "../../src/fetch/https.ts";
import { runKp, withFiles } from "../../test/run_fixture.ts";
import { PASSWORD, type Pushed, type Registry, startRegistry, USER } from "./debian_registry.ts";
import { LAYOUTS, push } from "./layouts.ts";
import { testRequiring } from "../../test/requiring.ts";
import { missingTools, OPA, output } from "../tools.ts";

const OPTIONS: FetchOptions = { timeoutMs: 10_000, maxBytes: 1_000_000, hosts: [] };
const AUTH = { username: USER, password: PASSWORD };
const missing = missingTools("docker-registry", OPA);

const POLICY = `package kubernetes.admission
deny contains "no" if input.request.kind.kind == "Pod"
`;

/** As its author would: Rego to a Wasm bundle. */
async function builtBundle(): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "kp-bundle-" });
  try {
    await Deno.writeTextFile(`${folder}/policy.rego`, POLICY);
    const out = `${folder}/bundle.tar.gz`;
    await output(OPA, ["build", "-t", "wasm", "-e", "kubernetes/admission/deny", "-o", out, `${folder}/policy.rego`]);
    return await Deno.readFile(out);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Expected {
  readonly bundle: Uint8Array;
  readonly pushed: Pushed;
  readonly auth?: FetchOptions["auth"];
}

async function assertFetched(address: string, { bundle, pushed, auth }: Expected): Promise<void> {
  const options = { ...OPTIONS, auth };
  assert.deepEqual(await fetchOci(address, options), { bytes: bundle, etag: pushed.digest });
  assert.equal(await fetchOci(address, options, { etag: pushed.digest }), "unchanged");
}

for (const [name, layout] of Object.entries(LAYOUTS)) {
  testRequiring(`a bundle comes from a real registry by tag and by digest: ${name}`, {
    missing,
    async run() {
      const bundle = await builtBundle();
      await using registry = await startRegistry();
      const pushed = await push(registry, { repository: "team/policies", bundle, ...layout });
      const place = `oci://${registry.host}/team/policies`;
      for (const reference of [":v1", `@${pushed.digest}`, `:v1@${pushed.digest}`]) {
        await assertFetched(place + reference, { bundle, pushed });
      }
    },
  });
}

testRequiring("a real registry that wants a password gives the bundle for it, and for no other", {
  missing,
  async run() {
    const bundle = await builtBundle();
    await using registry = await startRegistry({ password: true });
    const layout = LAYOUTS["the policy CLI"];
    const pushed = await push(registry, { repository: "team/policies", bundle, ...layout });
    const address = `oci://${registry.host}/team/policies:v1`;
    await assertFetched(address, { bundle, pushed, auth: AUTH });
    await assert.rejects(fetchOci(address, OPTIONS), /wants a user name and a password, and none are given$/);
    const wrong = { ...OPTIONS, auth: { username: USER, password: "wrong" } };
    await assert.rejects(fetchOci(address, wrong), /: answered 401 Unauthorized$/);
  },
});

testRequiring("a tag that moves is a new bundle; what is not there is an error", {
  missing,
  async run() {
    await using registry = await startRegistry();
    const [first, second] = [await pushText(registry, "one"), await pushText(registry, "two")];
    const place = `oci://${registry.host}/team/policies`;
    const moved = await fetchOci(`${place}:v1`, OPTIONS, { etag: first.digest });
    assert.deepEqual(moved, { bytes: new TextEncoder().encode("two"), etag: second.digest });
    for (const reference of [":gone", `@sha256:${"0".repeat(64)}`]) {
      await assert.rejects(fetchOci(place + reference, OPTIONS), /: answered 404 Not Found$/);
    }
    await assert.rejects(fetchOci(`${place}:v1`, { ...OPTIONS, maxBytes: 2 }), /: its bundle has 3 bytes, accepted 2$/);
  },
});

const pushText = (registry: Registry, text: string) =>
  push(registry, {
    repository: "team/policies",
    bundle: new TextEncoder().encode(text),
    ...LAYOUTS["the policy CLI"],
  });

testRequiring("a bundle that skopeo copied to another repository is the same", {
  missing: missing ?? missingTools("skopeo"),
  async run() {
    const bundle = await builtBundle();
    await using registry = await startRegistry();
    const layout = LAYOUTS["oras push as OPA's documentation has it"];
    const pushed = await push(registry, { repository: "team/policies", bundle, ...layout });
    const [from, to] = ["team/policies", "mirror/policies"].map((name) => `docker://${registry.host}/${name}:v1`);
    await output("skopeo", ["copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to]);
    await assertFetched(`oci://${registry.host}/mirror/policies:v1`, { bundle, pushed });
  },
});

testRequiring("kp check judges by a bundle in a registry, with the password that the config names", {
  missing,
  async run() {
    const bundle = await builtBundle();
    await using registry = await startRegistry({ password: true });
    await push(registry, { repository: "team/policies", bundle, ...LAYOUTS["the policy CLI"] });
    const config = `
policies:
  - use: oci://${registry.host}/team/policies:v1
    fetch: { username: ${USER}, password: { env: REGISTRY_PASSWORD } }
`;
    const pod = "{ apiVersion: v1, kind: Pod, metadata: { name: web, namespace: payments }, spec: { containers: [] } }";
    await withFiles({ "kp.yaml": config, "pod.yaml": pod }, async (folder) => {
      const args = ["check", "--config", `${folder}/kp.yaml`, `${folder}/pod.yaml`];
      const { code, out } = await runKp(args, { env: { REGISTRY_PASSWORD: PASSWORD } });
      assert.deepEqual([code, out.includes("deny  policies: no")], [1, true], out);
      const wrong = await runKp(args, { env: { REGISTRY_PASSWORD: "wrong" } });
      assert.deepEqual([wrong.code, wrong.err.includes("401"), wrong.err.includes(PASSWORD)], [2, true, false]);
    });
  },
});
