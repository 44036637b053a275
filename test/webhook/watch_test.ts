import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/config.ts";
import { Change, seenNow, watchFiles, type WatchOptions } from "../../src/webhook/watch.ts";
import { withFiles } from "../run_fixture.ts";

const CONFIG = `
policies: [{ use: ./acme.ts }, { use: ./bundle, verify: { key: key.pem } }, { use: host_network }]
allowlists: [{ use: file, options: { path: exceptions.yaml } }]
`;

const FILES = {
  "kp.yaml": CONFIG,
  "acme.ts": "",
  "key.pem": "",
  "bundle/data.json": "{}",
  "bundle/inner/policy.wasm": "",
  "exceptions.yaml": "",
  "other.yaml": "",
};

/** What the folder's files are, after each of a row of acts. */
async function states(folder: string, ...acts: (() => unknown)[]) {
  const config = parseConfig(CONFIG, `${folder}/kp.yaml`);
  const seen = [await seenNow(config)];
  for (const act of acts) {
    await act();
    seen.push(await seenNow(config));
  }
  return seen;
}

const CHANGES: Record<string, { act: (folder: string) => unknown; files: boolean; exceptions: boolean }> = {
  nothing: { act: () => {}, files: false, exceptions: false },
  "another file": { act: write("other.yaml"), files: false, exceptions: false },
  "the config": { act: write("kp.yaml"), files: true, exceptions: false },
  "a policy": { act: write("acme.ts"), files: true, exceptions: false },
  "a policy that is gone": { act: (folder) => Deno.remove(`${folder}/acme.ts`), files: true, exceptions: false },
  "the key of a signature": { act: write("key.pem"), files: true, exceptions: false },
  "a file deep in a bundle's folder": { act: write("bundle/inner/policy.wasm"), files: true, exceptions: false },
  "a file more in a bundle's folder": { act: write("bundle/more.json"), files: true, exceptions: false },
  "the exceptions": { act: write("exceptions.yaml"), files: false, exceptions: true },
  "exceptions that are gone": {
    act: (folder) => Deno.remove(`${folder}/exceptions.yaml`),
    files: false,
    exceptions: true,
  },
};

function write(name: string): (folder: string) => Promise<void> {
  return (folder) => Deno.writeTextFile(`${folder}/${name}`, "# other\n");
}

for (const [name, { act, files, exceptions }] of Object.entries(CHANGES)) {
  const shown = [files && "files", exceptions && "exceptions"].filter(Boolean).join(" and ") || "nothing";
  Deno.test(`a look at what a config names: of ${name}, ${shown} changed`, () =>
    withFiles(FILES, async (folder) => {
      const [before, after] = await states(folder, () => act(folder));
      assert.deepEqual([before.files !== after.files, before.exceptions !== after.exceptions], [files, exceptions]);
    }));
}

Deno.test("links of a folder that lead back end, and one that leads elsewhere is a change", () =>
  withFiles(FILES, async (folder) => {
    for (const name of ["a", "b", "c"]) await Deno.symlink(".", `${folder}/bundle/${name}`);
    const [before, after] = await states(folder, async () => {
      await Deno.remove(`${folder}/bundle/a`);
      await Deno.symlink("inner", `${folder}/bundle/a`);
    });
    assert.notEqual(before.files, after.files);
  }));

/** States as they are seen, `a` being known, and which of them are taken for a change. */
const LOOKS: Record<string, [seen: string, settled: string]> = {
  "no change": ["aaaa", "...."],
  "a change": ["abbbb", "..x.."],
  "a file that is written for some time": ["bcdeeee", "....x.."],
  "a change that is taken back before it is the same twice": ["abaaa", "....."],
  "a change, and back": ["abbbaaa", "..x..x."],
  "two changes": ["abbccc", "..x.x."],
};

for (const [name, [seen, settled]] of Object.entries(LOOKS)) {
  Deno.test(`a change counts once, when it is the same twice: ${name}`, () => {
    const change = new Change("a");
    assert.equal([...seen].map((state) => change.isSettled(state) ? "x" : ".").join(""), settled);
  });
}

Deno.test("a file that changed after it was read and before it is watched is read again, once", () =>
  withFiles(FILES, async (folder) => {
    const config = parseConfig(CONFIG, `${folder}/kp.yaml`);
    const stop = new AbortController();
    const current = { set: { loaded: { config }, seen: await seenNow(config) } };
    await write("acme.ts")(folder);
    let [reloads, looks] = [0, 0];
    const reloader = {
      async reload() {
        reloads++;
        current.set = { loaded: { config }, seen: await seenNow(config) };
      },
    };
    const everyMs = 1;
    const timer = setInterval(() => ++looks > 50 && stop.abort(), 2);
    await watchFiles({ current, reloader, signal: stop.signal, everyMs } as unknown as WatchOptions);
    clearInterval(timer);
    assert.equal(reloads, 1);
  }));
