import assert from "node:assert/strict";
import { serveProcess } from "../process_fixture.ts";
import { goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";
import { post, type Serving } from "../serve_fixture.ts";
import { denying } from "./policies.ts";

const POD = JSON.stringify(reviewOf(requestOf(goodPod({ hostNetwork: true }))));
const EXCUSED = "prod: { host_network: { payments: [app] } }\n";
const OTHERS = "prod: { host_network: { other: [app] } }\n";
const CONFIG = denying(["host_network"], "allowlists: [{ use: file, options: { path: exceptions } }]");

async function isAllowed(server: Serving): Promise<boolean> {
  return JSON.parse((await post(server, POD)).body).response.allowed;
}

async function isCurrent({ operators }: Serving): Promise<boolean> {
  return /_set_current 1$/m.test(await (await fetch(`${operators}/metrics`)).text());
}

/** A folder as a ConfigMap is mounted: `..data` links to the version, the files to what is in `..data`. */
async function mount(folder: string, text: string): Promise<void> {
  await Deno.mkdir(`${folder}/exceptions/..1`, { recursive: true });
  await Deno.writeTextFile(`${folder}/exceptions/..1/a.yaml`, text);
  await Deno.symlink("..1", `${folder}/exceptions/..data`);
  await Deno.symlink("..data/a.yaml", `${folder}/exceptions/a.yaml`);
}

async function swap(folder: string, version: string, text: string): Promise<void> {
  const root = `${folder}/exceptions`;
  await Deno.mkdir(`${root}/..${version}`);
  await Deno.writeTextFile(`${root}/..${version}/a.yaml`, text);
  await Deno.symlink(`..${version}`, `${root}/..data_tmp`);
  await Deno.rename(`${root}/..data_tmp`, `${root}/..data`);
}

Deno.test("F07: other exceptions reach the evaluators that run; what cannot be read changes nothing", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    await mount(folder, EXCUSED);
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1"]);
    const evaluator = server.evaluators()[0];
    assert.ok(await isAllowed(server));

    await swap(folder, "2", OTHERS);
    await server.logged("allowlist_replaced");
    assert.equal(await isAllowed(server), false);
    await swap(folder, "3", EXCUSED);
    await server.logged("allowlist_replaced", 2);
    assert.ok(await isAllowed(server));

    const refusals: [string, () => Promise<void>, RegExp][] = [
      ["cut off", () => swap(folder, "4", "prod: { host_network: { pay"), /a\.yaml:1:/],
      ["for everybody", () => swap(folder, "5", 'prod: { host_network: { "*": ["*"] } }'), /the name of one namespace/],
      ["of NULs", () => swap(folder, "6", "\0\0"), /a\.yaml/],
      [
        "gone with its folder",
        () => Deno.remove(`${folder}/exceptions`, { recursive: true }),
        /no such file or folder/,
      ],
    ];
    for (const [index, [name, act, says]] of refusals.entries()) {
      await act();
      const { cause } = await server.logged("allowlist_not_replaced", index + 1);
      assert.match(String(cause), says, name);
      assert.equal(await isCurrent(server), false);
      assert.match(await (await fetch(`${server.operators}/readyz?verbose`)).text(), /^\[-\]reload failed/m);
      assert.ok(await isAllowed(server), `${name}: the old exceptions hold`);
    }
    await mount(folder, "");
    await server.logged("allowlist_replaced", 3);
    assert.equal(await isAllowed(server), false, "an empty file excuses nobody");
    assert.ok(await isCurrent(server));
    assert.equal(server.evaluators()[0], evaluator, "no evaluator was started anew");
    assert.deepEqual(server.log().filter(({ event }) => event.startsWith("policies_")), []);
    assert.equal(await server.stop(), 0);
  });
});

Deno.test("exceptions that are read again do not hide that the config could not be", async () => {
  await withFiles({ "kp.yaml": CONFIG }, async (folder) => {
    await mount(folder, OTHERS);
    await using server = await serveProcess(["--insecure-http", "--config", `${folder}/kp.yaml`, "--evaluators", "1"]);
    await Deno.writeTextFile(`${folder}/kp.yaml`, "policies: [");
    await server.logged("policies_not_replaced");
    await swap(folder, "2", EXCUSED);
    await server.logged("allowlist_replaced");
    assert.ok(await isAllowed(server));
    assert.equal(await isCurrent(server), false);
    await Deno.writeTextFile(`${folder}/kp.yaml`, CONFIG);
    await server.logged("policies_replaced");
    assert.ok(await isCurrent(server));
    assert.ok(await isAllowed(server));
    assert.equal(await server.stop(), 0);
  });
});
