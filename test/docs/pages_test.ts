import assert from "node:assert/strict";
import { runKp } from "../run_fixture.ts";
import { codeIn, readPage, rowsOf } from "./markdown.ts";
import { PAGES, upToDate } from "./write.ts";

const ROOT = new URL("../../", import.meta.url);
const ALL = ["README.md", "CHANGELOG.md", ...pageNames().map((name) => `docs/${name}`)];
const texts = new Map(ALL.map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]));

function pageNames(): string[] {
  return [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => name).filter((name) => name.endsWith(".md"));
}

for (const name of PAGES) {
  Deno.test({
    name: `docs/${name} shows what its commands print, and the tables of today (deno run -A test/docs/write.ts)`,
    sanitizeResources: false, // the server's side of a closed connection
    fn: async () => {
      const page = await readPage(name);
      assert.match(page, /^\$ kp /m);
      assert.equal(await upToDate(page), page);
    },
  });
}

Deno.test("every link between the pages leads to a file, and to a heading where it names one", () => {
  const broken = ALL.flatMap((path) =>
    [...withoutCode(texts.get(path)!).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !leads(path, target))
      .map((target) => `${path}: ${target}`)
  );
  assert.deepEqual(broken, []);
});

function leads(path: string, target: string): boolean {
  const url = new URL(target, new URL(path, ROOT));
  const own = url.pathname.slice(ROOT.pathname.length);
  if (url.hash !== "" && !anchorsOf(texts.get(own) ?? "").includes(url.hash.slice(1))) return false;
  return texts.has(own) || exists(url);
}

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url.pathname) !== null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-")
  );
}

function withoutCode(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
}

const COMMANDS = ["serve", "check", "replay", "config print", "config", "schema"];
const flags = new Map<string, string[]>();
for (const command of COMMANDS) {
  const { out } = await runKp([...command.split(" "), "--help"]);
  const options = [...out.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)];
  flags.set(command, options.flatMap(([, short, long]) => short ? [short, long] : [long]));
}

Deno.test("every command and flag of kp that a page shows exists", () => {
  const unknown = ALL.flatMap((path) =>
    shownCommands(texts.get(path)!).flatMap((line) => unknownIn(line).map((word) => `${path}: ${word} in ${line}`))
  );
  assert.deepEqual(unknown, []);
  const shown = ALL.flatMap((path) => shownCommands(texts.get(path)!));
  assert.ok(shown.length > 30, `only ${shown.length} commands were found`);
});

Deno.test("an unknown command or flag of kp is seen", () => {
  const page = "`kp chek a.yaml`\n\n```sh\nkp check --fial-on deny - | x --y\n$ kp config print -x\n```\n";
  assert.deepEqual(shownCommands(page).flatMap(unknownIn), ["--fial-on", "-x", "chek"]);
});

/** Calls of `kp` in code spans and blocks, each up to a pipe or a redirection. */
function shownCommands(page: string): string[] {
  const code = [...page.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
  const calls = [...code.flatMap((text) => text.split("\n")), ...codeIn(withoutBlocks(page))];
  return calls.flatMap((call) => /(?:^|\s)kp( [^|>&]*)/.exec(call.replace(/^\$ /, ""))?.[1].trim() ?? []);
}

function withoutBlocks(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, "");
}

function unknownIn(line: string): string[] {
  if (line === "COMMAND --help" || line.startsWith("-")) return [];
  const command = COMMANDS.find((name) => line === name || line.startsWith(`${name} `));
  if (command === undefined) return [line.split(" ")[0]];
  const given = line.split(" ").filter((word) => /^-{1,2}[a-z]/i.test(word)).map((word) => word.split("=")[0]);
  return given.filter((flag) => !flags.get(command)!.includes(flag));
}

for (const command of ["serve", "check", "replay"]) {
  Deno.test(`docs/${command}.md describes every flag of kp ${command}`, async () => {
    const page = await readPage(`${command}.md`);
    const described = rowsOf(page, "Flag").flatMap(([flag]) => codeIn(flag));
    const existing = flags.get(command)!.filter((flag) => flag !== "-h" && flag !== "--help");
    assert.deepEqual(described.toSorted(), existing.toSorted());
  });
}
