const BLOCK = 512;
const FILE = ["0", "\0"];
const FOLDER = "5";
/** GNU tar's: its content is the name of the next entry. */
const LONG_NAME = "L";

/** The text files of a gzipped tar archive (POSIX ustar or GNU) by path. Throws for any other kind of entry. */
export async function untar(path: string): Promise<Map<string, string>> {
  const { readable } = await Deno.open(path);
  const bytes = await new Response(readable.pipeThrough(new DecompressionStream("gzip"))).bytes();
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const files = new Map<string, string>();
  let longName = "";
  for (let at = 0; at < bytes.length && bytes[at] !== 0;) {
    const text = (offset: number, length: number) =>
      utf8.decode(bytes.subarray(at + offset, at + offset + length)).replace(/\0.*$/s, "");
    const type = String.fromCharCode(bytes[at + 156]);
    const size = parseInt(text(124, 12), 8);
    const name = longName || [text(345, 155), text(0, 100)].filter(Boolean).join("/");
    longName = type === LONG_NAME ? text(BLOCK, size) : "";
    if (FILE.includes(type)) files.set(name.replace(/^\.\//, ""), text(BLOCK, size));
    else if (type !== FOLDER && type !== LONG_NAME) throw new Error(`Cannot read ${name}: entry of type ${type}`);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
