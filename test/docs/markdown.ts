export const DOCS = new URL("../../docs/", import.meta.url);

/** A fenced block of a page. */
export interface Block {
  /** `yaml`, `ts`, `console`; empty where none is given. */
  readonly language: string;
  /** The file that the block shows: named after the language, or by a comment that is all of its first line. */
  readonly file: string | null;
  readonly text: string;
}

const FENCED = /^```(\w*)(?: (\S+))?\n([\s\S]*?)^```$/gm;
const NAMED = /^(?:#|\/\/) ([\w./-]+\.(?:yaml|json|ts))\n/;

export function readPage(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, DOCS));
}

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(FENCED)].map(([, language, file, text]) => ({
    language,
    file: file ?? NAMED.exec(text)?.[1] ?? null,
    text,
  }));
}

/** The text of the block that shows that file. Throws where none does. */
export function fileIn(page: string, name: string): string {
  const block = blocksOf(page).find(({ file }) => file === name);
  if (!block) throw new Error(`Cannot find a block of ${name}`);
  return block.text;
}

/** The page with the text of each block as `rewrite` makes it, one after the other. */
export async function rewriteBlocks(page: string, rewrite: (block: Block) => Promise<string>): Promise<string> {
  const texts: string[] = [];
  for (const block of blocksOf(page)) texts.push(await rewrite(block));
  return page.replace(FENCED, (whole, _language, _file, text) => {
    return whole.slice(0, whole.length - text.length - "```".length) + texts.shift() + "```";
  });
}

/** Aligned as `deno fmt` has it. */
export function tableOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length), 3));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  return line(header) + line(widths.map((width) => "-".repeat(width))) + rows.map(line).join("");
}

/** The rows of the table whose header begins with these cells. Throws where the page has none. */
export function rowsOf(page: string, ...header: readonly string[]): string[][] {
  const lines = page.split("\n");
  const first = lines.findIndex((line) => header.every((cell, i) => cellsOf(line)[i] === cell));
  if (first < 0) throw new Error(`Cannot find the table of ${header.join(", ")}`);
  const length = lines.slice(first).findIndex((line) => !line.startsWith("|"));
  return lines.slice(first + 2, first + length).map(cellsOf);
}

function cellsOf(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

/** What stands in backticks, in order. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
}
