import { wrong } from "./bundle_files.ts";

const BLOCK = 512;
/** Of a PAX header or a GNU long name. */
const LARGEST_EXTENSION = 16 * 1024;

const FILE = ["0", "\0"];
const FOLDER = "5";
const PAX = "x";
const LONG_NAME = "L";

const REFUSED: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "6": "a fifo",
  "7": "a contiguous file",
  "g": "a global PAX header",
  "K": "a link's long name",
  "S": "a sparse file",
};

interface Header {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/**
 * Checks the structure of a tar archive (POSIX ustar, PAX, GNU long names) before tar-stream reads it. That passes over
 * an end that is missing, entries behind the end, sizes that are half numbers and broken PAX records, lets a global
 * header rename files, and never ends for a folder with a size. Errors name the entry.
 */
export function checkBlocks(tar: Uint8Array): void {
  if (tar.length % BLOCK !== 0) throw new Error(`found ${tar.length} bytes of tar, accepted whole blocks of ${BLOCK}`);
  let extension: Header | undefined;
  let at = 0;
  while (at < tar.length && !isZero(tar.subarray(at, at + BLOCK))) {
    const header = readHeader(tar.subarray(at, at + BLOCK));
    const body = tar.subarray(at + BLOCK, at + BLOCK + header.size);
    if (body.length < header.size) throw wrong(header.name, `${body.length} bytes`, `the ${header.size} of its header`);
    const isExtension = header.type === PAX || header.type === LONG_NAME;
    if (isExtension) checkExtension(header, { body, before: extension });
    extension = isExtension ? header : undefined;
    at += BLOCK + Math.ceil(header.size / BLOCK) * BLOCK;
  }
  if (extension !== undefined) throw wrong(extension.name, "no file behind a header for one", "both");
  if (tar.length - at < 2 * BLOCK) throw new Error("found no end of the tar archive, accepted two blocks of zeros");
  if (!isZero(tar.subarray(at))) throw new Error("found data behind the end of the tar archive, accepted zeros");
}

function readHeader(block: Uint8Array): Header {
  const text = new TextDecoder("latin1").decode(block);
  if (text.slice(257, 262) !== "ustar") {
    throw new Error("found a block that is no tar header, accepted POSIX or GNU tar");
  }
  const name = field(text, 345, 155) === "" ? field(text, 0, 100) : `${field(text, 345, 155)}/${field(text, 0, 100)}`;
  const [type, digits] = [text[156], text.slice(124, 136)];
  if (![...FILE, FOLDER, PAX, LONG_NAME].includes(type)) {
    throw wrong(name, REFUSED[type] ?? `the unknown type ${JSON.stringify(type)}`, "files and folders");
  }
  if (!/^ *[0-7]+[ \0]*$/.test(digits)) throw wrong(name, `the size ${JSON.stringify(digits)}`, "octal digits");
  const size = parseInt(digits, 8);
  if (type === FOLDER && size !== 0) throw wrong(name, `a folder of ${size} bytes`, "0");
  return { name, type, size };
}

function field(text: string, start: number, length: number): string {
  return text.slice(start, start + length).split("\0", 1)[0];
}

function checkExtension(header: Header, { body, before }: { body: Uint8Array; before: Header | undefined }): void {
  const { name, type, size } = header;
  if (before !== undefined) throw wrong(name, "two headers for one file", "one");
  if (size === 0 || size > LARGEST_EXTENSION) {
    throw wrong(name, `a header of ${size} bytes`, `1 to ${LARGEST_EXTENSION}`);
  }
  if (type === PAX) checkRecords(name, body);
}

/** `<length> <key>=<value>\n`, where the length is that of the whole record. */
function checkRecords(name: string, body: Uint8Array): void {
  const text = new TextDecoder("latin1").decode(body);
  for (let at = 0; at < text.length;) {
    const [start, digits, key] = /^([1-9]\d{0,4}) ([^=\n]+)=/.exec(text.slice(at, at + 300)) ?? [""];
    const length = Number(digits);
    if (start === "" || length <= start.length || text[at + length - 1] !== "\n") {
      throw wrong(name, "a broken PAX record", "<length> <key>=<value>");
    }
    if (key === "size" || key === "linkpath" || key.startsWith("GNU.sparse.")) {
      throw wrong(name, `the PAX record ${key}`, "files with their size in the header");
    }
    at += length;
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
