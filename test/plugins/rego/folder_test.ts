import { deepStrictEqual as assertEquals, ok, rejects } from "node:assert/strict";
import { BUNDLE_LIMITS } from "../../../plugins/policies/rego/bundle_files.ts";
import { readFolder } from "../../../plugins/policies/rego/folder.ts";

async function withFolder(files: Record<string, string>, check: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) await write(`${path}/${name}`, text);
    await check(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

const read = async (path: string) =>
  Object.fromEntries([...await readFolder(path)].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));

Deno.test("a folder's files have the names that they have in an archive", async () => {
  const files = {
    ".manifest": "{}",
    ".signatures.json": "s",
    "a/b/data.json": "{}",
    "empty.json": "",
    "policy.wasm": "w",
  };
  await withFolder(files, async (path) => {
    assertEquals(await read(path), files);
    assertEquals(await read(`${path}/`), files);
  });
});

Deno.test("a mounted ConfigMap is read once, through its links", async () => {
  await withFolder({ "..2026_11_22/data.json": "new", "..2026_11_21/data.json": "old" }, async (path) => {
    await Deno.symlink("..2026_11_22", `${path}/..data`);
    await Deno.symlink("..data/data.json", `${path}/data.json`);
    assertEquals(await read(path), { "data.json": "new" });
  });
});

Deno.test("a mounted ConfigMap that is replaced while it is read is refused", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `data${index}.json`);
  const files = Object.fromEntries(names.flatMap((name) => [[`..1/${name}`, "1"], [`..2/${name}`, "2"]]));
  await withFolder(files, async (path) => {
    await Deno.symlink("..1", `${path}/..data`);
    for (const name of names) await Deno.symlink(`..data/${name}`, `${path}/${name}`);
    const reading = readFolder(path);
    await Deno.symlink("..2", `${path}/..next`);
    await Deno.rename(`${path}/..next`, `${path}/..data`);
    await rejects(reading, /replaced while it was read/);
  });
});

Deno.test("a link to a file outside is followed", async () => {
  await withFolder({ "outside.json": "{}", "bundle/policy.wasm": "w" }, async (path) => {
    await Deno.symlink(`${path}/outside.json`, `${path}/bundle/data.json`);
    assertEquals(await read(`${path}/bundle`), { "data.json": "{}", "policy.wasm": "w" });
  });
});

type Spoil = (path: string) => Promise<unknown>;
const command: (name: string) => Spoil = (name) => async (path) => {
  ok((await new Deno.Command(name, { args: [`${path}/x`] }).output()).success);
};

const REFUSED: Record<string, [Spoil, RegExp]> = {
  "a link to nothing": [(path) => Deno.symlink("nothing", `${path}/x`), /"x": no such file/],
  "a link to a folder": [(path) => Deno.symlink("sub", `${path}/x`), /"x": found neither a file nor a folder/],
  "a link to itself": [(path) => Deno.symlink("x", `${path}/x`), /"x": /],
  "a link to a device": [(path) => Deno.symlink("/dev/zero", `${path}/x`), /"x": found neither/],
  "a fifo": [command("mkfifo"), /"x": found neither/],
  "names that differ in case": [(path) => write(`${path}/DATA.json`, ""), /found a name like "DATA\.json"/],
  "a control character": [(path) => write(`${path}/a\nb`, ""), /"a\\nb": found U\+000a/],
  "a very long name": [
    (path) => write(`${path}/${["a", "b", "c"].map((step) => step.repeat(200)).join("/")}`, ""),
    /found a name of 602 bytes/,
  ],
};

for (const [what, [spoil, message]] of Object.entries(REFUSED)) {
  Deno.test(`a folder is refused for ${what}`, async () => {
    await withFolder({ "data.json": "{}", "sub/data.json": "{}" }, async (path) => {
      await spoil(path);
      await rejects(readFolder(path), message);
    });
  });
}

Deno.test("a folder that is missing, or a file, is refused", async () => {
  await withFolder({ "data.json": "{}" }, async (path) => {
    await rejects(readFolder(`${path}/none`), /no such file or folder/);
    await rejects(readFolder(`${path}/data.json`), /data\.json/);
  });
});

Deno.test("a folder has an archive's limits", async () => {
  await withFolder({ "a.json": "12345", "b/c.json": "6789" }, async (path) => {
    const exact = { ...BUNDLE_LIMITS, entries: 3, file: 5, inflated: 9 };
    assertEquals((await readFolder(path, exact)).size, 2);
    await rejects(readFolder(path, { ...exact, entries: 2 }), /"b\/c\.json": found entry 3, accepted 2 entries/);
    await rejects(readFolder(path, { ...exact, file: 4 }), /"a\.json": found 5 bytes, accepted 4 in a file/);
    await rejects(readFolder(path, { ...exact, inflated: 8 }), /"b\/c\.json": found more than 8 bytes/);
  });
});
