import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as v from "valibot";
import file from "../../plugins/allowlists/file.ts";
import { allowlistProviders } from "../../plugins/mod.ts";
import { CONTEXT, testAllowlistProvider } from "./allowlist_suite.ts";

testAllowlistProvider({
  name: "file",
  factory: file,
  async serve(texts) {
    const folder = await folderOf(
      Object.fromEntries(Object.entries(texts).map(([name, text]) => [`lists/${name}`, text])),
    );
    await mkdir(join(folder, "lists"), { recursive: true });
    return {
      options: { path: "./lists" },
      context: { ...CONTEXT, folder },
      sourceOf: (name) => `lists/${name}`,
      stop: () => rm(folder, { recursive: true }),
    };
  },
  unreadable: { path: "./no-such-folder" },
  refused: [undefined, null, "./allowlists", [], {}, { path: "" }, { path: 1 }, { path: "a", paths: [] }],
});

Deno.test("file: the table of providers has it by its name", () => {
  assert.equal(allowlistProviders.file, file);
});

Deno.test("file: a single file is read whatever it is called", async () => {
  const folder = await folderOf({ "exceptions.json": "{}" });
  assert.deepEqual(await read({ path: "exceptions.json" }, folder), [{ source: "exceptions.json", text: "{}" }]);
  await rm(folder, { recursive: true });
});

Deno.test("file: an absolute path is taken as it is", async () => {
  const folder = await folderOf({ "a.yml": "prod:" });
  const documents = await read({ path: folder }, "/elsewhere");
  assert.deepEqual(documents, [{ source: join(folder, "a.yml"), text: "prod:" }]);
  await rm(folder, { recursive: true });
});

Deno.test("file: folders are read through, and only .yaml and .yml", async () => {
  const folder = await folderOf({
    "b.yml": "1",
    "a/z.yaml": "2",
    "a/b/c.yaml": "3",
    "a.yaml/inner.yaml": "4",
    "README.md": "no",
    "x.yaml.bak": "no",
    "x.json": "no",
    ".hidden.yaml": "no",
    ".git/a.yaml": "no",
  });
  const documents = await read({ path: "." }, folder);
  assert.deepEqual(documents.map(({ source, text }) => `${source} ${text}`), [
    "a.yaml/inner.yaml 4",
    "a/b/c.yaml 3",
    "a/z.yaml 2",
    "b.yml 1",
  ]);
  await rm(folder, { recursive: true });
});

Deno.test("file: a mounted ConfigMap is read once, and again after it changed", async () => {
  const folder = await folderOf({ "..2024_01/prod.yaml": "old", "..2024_02/prod.yaml": "new" });
  await symlink("..2024_01", join(folder, "..data"));
  await symlink("..data/prod.yaml", join(folder, "prod.yaml"));
  const provider = file({ path: "." }, { ...CONTEXT, folder });
  assert.deepEqual(await provider.read(), [{ source: "prod.yaml", text: "old" }]);
  await rm(join(folder, "..data"));
  await symlink("..2024_02", join(folder, "..data"));
  assert.deepEqual(await provider.read(), [{ source: "prod.yaml", text: "new" }]);
  await rm(folder, { recursive: true });
});

Deno.test("file: links to folders are not followed, so that none can lead in a circle", async () => {
  const folder = await folderOf({ "a/a.yaml": "1" });
  await symlink("..", join(folder, "a", "up"));
  assert.deepEqual((await read({ path: "." }, folder)).map(({ source }) => source), ["a/a.yaml"]);
  await rm(folder, { recursive: true });
});

Deno.test("file: a missing folder, a broken link and bytes that are not UTF-8 are errors that name the path", async () => {
  const folder = await folderOf({ "links/a.yaml": "1" });
  await symlink("gone.yaml", join(folder, "links", "b.yaml"));
  await writeFile(join(folder, "latin1.yaml"), new Uint8Array([0x70, 0xe9, 0x0a]));
  for (
    const [path, named, reason] of [
      ["none", "none", "no such file or folder"],
      ["links", "links/b.yaml", "no such file or folder"],
      ["latin1.yaml", "latin1.yaml", "not UTF-8"],
    ]
  ) {
    const message = `Cannot read the allowlist "${join(folder, named)}": ${reason}`;
    await assert.rejects(read({ path }, folder), { message });
  }
  await rm(folder, { recursive: true });
});

Deno.test("file: what is wrong with options says what is accepted", () => {
  for (const options of [undefined, {}, { path: "a", pth: "b" }]) {
    const { issues } = refusal(options);
    assert.equal(issues[0].message, "a map of path");
  }
  assert.equal(refusal({ path: "" }).issues[0].message, "a path to a file or folder");
});

function refusal(options: unknown): v.ValiError<v.GenericSchema> {
  try {
    file(options, CONTEXT);
  } catch (error) {
    if (error instanceof v.ValiError) return error;
  }
  assert.fail("nothing was refused");
}

async function read(options: unknown, folder: string) {
  return await file(options, { ...CONTEXT, folder }).read();
}

/** A new folder with these files. */
async function folderOf(texts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kp-allowlists-"));
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
