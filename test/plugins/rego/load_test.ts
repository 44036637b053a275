import assert from "node:assert/strict";
import { bundleOptions, loadBundle } from "../../../plugins/policies/bundle.ts";
import { readArchive } from "../../../plugins/policies/rego/archive.ts";
import type { BundleFiles } from "../../../plugins/policies/rego/bundle_files.ts";
import * as v from "valibot";
import { ConfigError } from "../../../src/errors.ts";
import { runKp, withFiles } from "../../run_fixture.ts";
import { FORMS, loadedFrom } from "./bundle_engine.ts";

const archive = await Deno.readFile(`${FORMS}/config_staged.tar.gz`);
const whole = await readArchive(archive);
const bytes = (text: string) => new TextEncoder().encode(text);

/** A module that says of itself only which ABI it has. */
function moduleOfAbi(major: number, minor: number): Uint8Array {
  const name = (text: string) => [text.length, ...bytes(text)];
  const section = (id: number, content: number[]) => [id, content.length, ...content];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(2, [1, ...name("env"), ...name("memory"), 2, 0, 2]),
    ...section(6, [2, 0x7f, 0, 0x41, major, 0x0b, 0x7f, 0, 0x41, minor, 0x0b]),
    ...section(7, [2, ...name("opa_wasm_abi_version"), 3, 0, ...name("opa_wasm_abi_minor_version"), 3, 1]),
  ]);
}

const MANIFEST = { wasm: [{ entrypoint: "kube_policies/violations", module: "/policy.wasm" }] };
const manifest = (changes: Record<string, unknown>) => bytes(JSON.stringify({ ...MANIFEST, ...changes }));
const own = (kube_policies: unknown) => manifest({ metadata: { kube_policies } });
const only = (entrypoint: string) => manifest({ wasm: [{ entrypoint, module: "/policy.wasm" }] });

const REFUSED: Record<string, { files: Record<string, Uint8Array | null>; message: RegExp }> = {
  "no manifest": { files: { ".manifest": null }, message: /found no \.manifest, accepted what opa build/ },
  "two manifests": {
    files: { "x/.manifest": bytes("{}") },
    message: /found .*\.manifest and .*\.manifest, accepted one/,
  },
  "a manifest that is no JSON": {
    files: { ".manifest": bytes("{") },
    message: /^\.manifest: found .*, accepted one JSON/,
  },
  "a manifest that is a list": { files: { ".manifest": bytes("[]") }, message: /\.manifest: .*found/ },
  "a manifest without Wasm": {
    files: { ".manifest": bytes('{"revision": "1"}') },
    message: /\.manifest: wasm: found undefined, accepted a list of entrypoints, as opa build -t wasm writes it/,
  },
  "no entrypoints": { files: { ".manifest": manifest({ wasm: [] }) }, message: /accepted at least one entrypoint/ },
  "no module": {
    files: { "policy.wasm": null },
    message: /\.manifest: found no policy.wasm, which has the entrypoints/,
  },
  "an entrypoint that no form has": {
    files: { ".manifest": only("acme/deny") },
    message: /^found the entrypoints acme\/deny, accepted any of kube_policies\/violations .*, or of system\/main/,
  },
  "an entrypoint that the module does not have": {
    files: { ".manifest": only("system/main") },
    message: /found the entrypoints system\/main, accepted those of the module: kube_policies\//,
  },
  "a module that is none": { files: { "policy.wasm": bytes("hello") }, message: /WebAssembly|wasm/i },
  "data that is a list": {
    files: { "data.json": bytes("[1]") },
    message: /^data\.json: found a list, accepted an object/,
  },
  "data that is a number": { files: { "a/data.json": bytes("1") }, message: /^a\/data\.json: found a number/ },
  "data in two places": {
    files: { "data.json": bytes('{"a": {"b": 1}}'), "a/data.json": bytes('{"b": 2}') },
    message: /^a\/data\.json: found "a", which another data\.json holds already/,
  },
  "data in YAML": { files: { "data.yaml": bytes("a: 1") }, message: /found data\.yaml, accepted data\.json/ },
  "a delta": { files: { "patch.json": bytes("{}") }, message: /found patch\.json of a delta bundle/ },
  "metadata with another key": {
    files: { ".manifest": own({ matches: [] }) },
    message: /metadata\.kube_policies\.matches/,
  },
  "a name that is none": { files: { ".manifest": own({ name: "Acme!" }) }, message: /accepted a name in snake_case/ },
  "a match without kinds": {
    files: { ".manifest": own({ match: [{ group: "", kinds: [] }] }) },
    message: /accepted at least one kind/,
  },
  ...Object.fromEntries([[1, 0], [1, 4], [2, 0], [0, 0]].map(([major, minor]) => [`the ABI version ${major}.${minor}`, {
    files: { "policy.wasm": moduleOfAbi(major, minor) },
    message: new RegExp(`found ABI version ${major}\\.${minor}, accepted 1\\.1, 1\\.2, 1\\.3`),
  }])),
};

for (const [name, { files, message }] of Object.entries(REFUSED)) {
  Deno.test(`a bundle with ${name} is refused`, async () => {
    await assert.rejects(() => loaded(files), ({ message: text }: Error) => {
      assert.match(text, message);
      return true;
    });
  });
}

async function loaded(changes: Record<string, Uint8Array | null>) {
  const files = new Map(whole);
  for (const [name, content] of Object.entries(changes)) {
    if (content === null) files.delete(name);
    else files.set(name, content);
  }
  const options = v.parse(bundleOptions, {});
  return await loadBundle(files as BundleFiles, options, { fallbackName: "acme", now: () => 0n });
}

Deno.test("a bundle cut off at any kilobyte is refused, and so is its module", async () => {
  const cut = (of: Uint8Array) =>
    Array.from({ length: Math.floor(of.length / 1024) }, (_, i) => of.subarray(0, i * 1024));
  for (const part of cut(archive)) await assert.rejects(() => readArchive(part), /^Error: found/);
  for (const part of cut(whole.get("policy.wasm")!)) {
    await assert.rejects(() => loaded({ "policy.wasm": part }), WebAssembly.CompileError);
  }
});

Deno.test("a config says which bundle is wrong, and everything that is", async () => {
  const error = await loadedFrom(`policies:
  - use: $FORMS/impure.tar.gz
  - { use: $FORMS/tutorial.tar.gz, options: { nam: x } }
  - { use: host_ipc, verify: { key: a.pem } }
  - { use: $FORMS/absent.tar.gz }
  - { use: $FORMS/config_staged.tar.gz, verify: { key: absent.pem } }
`).catch((error) => error);
  assert.ok(error instanceof ConfigError);
  const lines = error.message.split("\n").map((line) => line.replace(/^.*\/kp\.yaml:/, "").replaceAll(FORMS, "$FORMS"));
  assert.match(
    lines[0],
    /^2:10: policies\[0\]\.use: found \$FORMS\/impure\.tar\.gz, which does not load \(found the built-in function /,
  );
  for (const name of ["http.send", "opa.runtime", "rand.intn", "uuid.rfc4122", "net.lookup_ip_addr"]) {
    assert.ok(lines[0].includes(`the built-in function ${name} in impure.rego or lucky.rego: `), name);
  }
  assert.ok(lines[0].includes("allowlist provider"));
  assert.match(
    lines[1],
    /^3:\d+: policies\[1\]\.options\.nam: found unknown key "nam", accepted a map of name, match, entrypoints, builtinErrors/,
  );
  assert.equal(
    lines[2],
    "4:22: policies[2].verify: found verify of host_ipc, which is no bundle, accepted entries without it",
  );
  assert.match(lines[3], /absent\.tar\.gz, which does not load \(no such file\), accepted an OPA bundle$/);
  assert.match(lines[4], /absent\.pem|no such file/);
  assert.equal(lines.length, 5);
});

Deno.test("of the entrypoints that opa adds by itself, options name those that count", async () => {
  const use = "$FORMS/tutorial_dependents.tar.gz";
  await assert.rejects(() => loadedFrom(`policies: [{ use: ${use} }]`), /options\.entrypoints says which count/);
  const { policies } = await loadedFrom(
    `policies: [{ use: ${use}, options: { entrypoints: [kubernetes/admission/deny], name: acme } }]`,
  );
  assert.deepEqual(policies.map(({ policy }) => policy.name), ["acme"]);
});

Deno.test("a bundle is named by its file, where neither config nor manifest names it", async () => {
  const { policies } = await loadedFrom("policies: [{ use: $FORMS/tutorial.tar.gz }]");
  assert.deepEqual(policies.map(({ policy }) => policy.name), ["tutorial"]);
  assert.equal((await loaded({ ".manifest": own({ name: "from_manifest" }) })).policy.name, "from_manifest");
});

Deno.test("a manifest's metadata says what the bundle matches and judges, and which policies it speaks for", async () => {
  const match = [{ group: "apps", kinds: ["Deployment"], operations: ["DELETE"] as const, subresources: [""] }];
  const judges = { annotations: ["acme.example/"], fields: ["/metadata/labels"] };
  const { policy } = await loaded({
    ".manifest": own({ match, judges, policies: { a: { remediation: "Mend it." }, b: {} } }),
  });
  assert.deepEqual([policy.match, policy.judges], [match, judges]);
  assert.deepEqual(policy.members, [{ name: "a", remediation: "Mend it." }, { name: "b" }]);
  assert.deepEqual((await loaded({})).policy.members, "any");
});

Deno.test("config print shows a bundle's digest, and the stages of what it speaks for", async () => {
  const text = `environment: prod
policies: [{ use: ${FORMS}/config_staged.tar.gz }, { use: ${FORMS}/self_staged.tar.gz }]
stages: { prod: { a: deny, self_staged: warn } }
`;
  await withFiles({ "kp.yaml": text }, async (folder) => {
    const { out, err } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`]);
    assert.match(out, /name: config_staged\n +origin: sha256:[0-9a-f]{64}\n +members:\n +a:\n +validate: deny\n/);
    assert.match(out, /"\*":\n +validate: monitor\n +mutate: dryrun\n/);
    assert.match(out, /name: self_staged\n.*\n +validate: warn\n +mutate: patch\n/);
    assert.match(err, /kp\.yaml:3:19: stages\.prod\.a: no loaded policy says that its name is a; /);
  });
});

Deno.test("a policy's name is one policy's, whoever speaks for it", async () => {
  const use = "{ use: $FORMS/tutorial.tar.gz, options: { name: host_ipc } }";
  await assert.rejects(() => loadedFrom(`policies: [{ use: host_ipc }, ${use}]`), /found policy host_ipc again/);
});

const UNUSABLE: Record<string, Uint8Array> = {
  "a lone surrogate": bytes('{"a": "\\ud800"}'),
  "more levels than the stack has": bytes(`{"a": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
};

for (const [name, data] of Object.entries(UNUSABLE)) {
  Deno.test(`a bundle with data that Rego cannot take is refused at load: ${name}`, async () => {
    await assert.rejects(() => loaded({ "data.json": data }), /^Error: data\.json: found what Rego cannot take \(/);
  });
}

Deno.test("a bundle's numbers are not rounded, neither in data nor in what it answers", async () => {
  const { policy } = await loaded({
    "data.json": bytes('{"large": 9007199254740993, "allowlist": {"prod": {"echo": {"payments": ["own"]}}}}'),
  });
  const { subjectOf } = await import("../../../src/core/subject.ts");
  const { requestOf } = await import("../../request_fixture.ts");
  const { annotated } = await import("./bundle_engine.ts");
  const subject = subjectOf(requestOf(annotated({ same: "yes", excused: "yes", integer: "yes" }, {
    integer: 1,
  })));
  const context = { environment: "prod", allowlist: { prod: { echo: { payments: { app: "app" } } } } };
  const findings = policy.validate!(subject, undefined, context) as { rule: string; message: string }[];
  assert.deepEqual(findings.map(({ rule, message }) => [rule, message]).sort(), [
    ["deny_excused", "prod"],
    ["deny_integer", "1"],
    ["deny_same", "9007199254740993"],
  ]);
});
