import { Buffer } from "node:buffer";
import { deepStrictEqual as assertEquals, ok, rejects } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { readArchive } from "../../../plugins/policies/rego/archive.ts";
import { BUNDLE_LIMITS } from "../../../plugins/policies/rego/bundle_files.ts";

interface Header {
  readonly type?: string;
  /** The size that the header claims. */
  readonly size?: number | string | Uint8Array;
  readonly link?: string;
  readonly prefix?: string;
  readonly magic?: string;
  readonly checksum?: number;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes?: Uint8Array) => new TextDecoder().decode(bytes);
const octal = (size: number) => `${size.toString(8).padStart(11, "0")}\0`;
const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const padded = (bytes: Uint8Array) => joined([bytes, new Uint8Array((512 - bytes.length % 512) % 512)]);
const END = new Uint8Array(1024);

function entry(name: string | Uint8Array, content: string | Uint8Array = "", header: Header = {}): Uint8Array {
  const { type = "0", link = "", prefix = "", magic = "ustar\x0000" } = header;
  const body = typeof content === "string" ? bytesOf(content) : content;
  const block = new Uint8Array(512);
  const write = (at: number, value: string | Uint8Array) =>
    block.set(typeof value === "string" ? bytesOf(value) : value, at);
  const size = header.size ?? body.length;
  const fields = { 100: "0004755\0", 108: "0000000\0", 116: "0000000\0", 136: "00000000000\0", 156: type };
  for (const [at, value] of Object.entries(fields)) write(Number(at), value);
  write(0, name);
  write(124, typeof size === "number" ? octal(size) : size);
  for (const [at, value] of [[157, link], [257, magic], [345, prefix], [148, " ".repeat(8)]] as const) write(at, value);
  const sum = header.checksum ?? block.reduce((total, byte) => total + byte, 0);
  write(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return joined([block, padded(body)]);
}

function record(key: string, value: string): string {
  const rest = bytesOf(` ${key}=${value}\n`).length;
  let length = rest + 1;
  while (String(length).length + rest !== length) length++;
  return `${length} ${key}=${value}\n`;
}

const pax = (...records: [string, string][]) =>
  entry("PaxHeaders/x", records.map(([key, value]) => record(key, value)).join(""), { type: "x" });
const longName = (name: string) => entry("././@LongLink", `${name}\0`, { type: "L", magic: "ustar  \0" });
const archive = (...parts: Uint8Array[]) => new Uint8Array(gzipSync(joined([...parts, END])));

const read = async (...parts: Uint8Array[]) =>
  [...await readArchive(archive(...parts))].map(([name, bytes]) => [name, textOf(bytes)]);

const LONG = `${"d".repeat(120)}/data.json`;

const ACCEPTED: Record<string, [Uint8Array[], [string, string][]]> = {
  "as opa build names files": [[entry("/policy.wasm", "w"), entry("/.manifest", "m")], [["policy.wasm", "w"], [
    ".manifest",
    "m",
  ]]],
  "as tar names files": [[entry("./", "", { type: "5" }), entry("./a/data.json", "d")], [["a/data.json", "d"]]],
  "folders": [[entry("a/", "", { type: "5" }), entry("a/b", "", { type: "5" }), entry("a/c", "c")], [["a/c", "c"]]],
  "an empty file": [[entry("data.json")], [["data.json", ""]]],
  "the file type of old tars": [[entry("a", "x", { type: "\0" })], [["a", "x"]]],
  "a file that fills its blocks": [[entry("a", "x".repeat(1024))], [["a", "x".repeat(1024)]]],
  "a ustar prefix": [[entry("data.json", "d", { prefix: "a/b" })], [["a/b/data.json", "d"]]],
  "a PAX path": [[pax(["path", LONG], ["mtime", "1.5"]), entry("short", "d")], [[LONG, "d"]]],
  "a GNU long name": [[longName(LONG), entry("short", "d", { magic: "ustar  \0" })], [[LONG, "d"]]],
  "names that are words of JavaScript": [[entry("__proto__", "x"), entry("constructor", "y")], [["__proto__", "x"], [
    "constructor",
    "y",
  ]]],
  "no file at all": [[], []],
};

for (const [what, [parts, files]] of Object.entries(ACCEPTED)) {
  Deno.test(`an archive may have ${what}`, async () => {
    assertEquals(await read(...parts), files);
  });
}

const REFUSED: Record<string, [Uint8Array[], RegExp]> = {
  "a path upwards": [[entry("../policy.wasm", "w")], /"\.\.\/policy\.wasm": found "\.\." in the name/],
  "a path upwards inside": [[entry("a/../../b")], /"a\/\.\.\/\.\.\/b": found "\.\."/],
  "a path upwards by PAX": [[pax(["path", "../b"]), entry("a")], /"\.\.\/b": found "\.\."/],
  "a path upwards by prefix": [[entry("b", "", { prefix: ".." })], /"\.\.\/b": found "\.\."/],
  "a folder upwards": [[entry("../a/", "", { type: "5" })], /"\.\.\/a\/": found "\.\."/],
  "two leading slashes": [[entry("//etc/passwd")], /"\/\/etc\/passwd": found an empty or absolute path/],
  "a dot behind the slash": [[entry("/./etc/passwd")], /"\/\.\/etc\/passwd": found an empty or absolute path/],
  "a step without a name": [[entry("a//b")], /"a\/\/b": found an empty/],
  "a file without a name": [[entry("")], /"": found an empty/],
  "the name of a folder for a file": [[pax(["path", "a/"]), entry("a", "x")], /"a\/": found an empty/],
  "backslashes": [[entry("..\\policy.wasm")], /found U\+005c in the name/],
  "a control character": [[entry("a\nb")], /"a\\nb": found U\+000a/],
  "an invisible character": [[entry("policy\u200b.wasm")], /found U\+200b/],
  "a right-to-left mark": [[entry("a\u202ejson")], /found U\+202e/],
  "a NUL in a PAX path": [[pax(["path", "a\0b"]), entry("a")], /found U\+0000/],
  "a name that is not UTF-8": [[entry(new Uint8Array([97, 255]))], /found U\+fffd/],
  "a very long name": [[pax(["path", "a".repeat(513)]), entry("a")], /found a name of 513 bytes, accepted 512/],
  "a hard link": [[entry("a", "x"), entry("b", "", { type: "1", link: "a" })], /"b": found a hard link/],
  "a symbolic link": [[entry("a", "", { type: "2", link: "/etc/passwd" })], /"a": found a symbolic link/],
  "a character device": [[entry("a", "", { type: "3" })], /"a": found a character device/],
  "a block device": [[entry("a", "", { type: "4" })], /"a": found a block device/],
  "a fifo": [[entry("a", "", { type: "6" })], /"a": found a fifo/],
  "a contiguous file": [[entry("a", "", { type: "7" })], /"a": found a contiguous file/],
  "a GNU sparse file": [[entry("a", "x", { type: "S" })], /"a": found a sparse file/],
  "a PAX sparse file": [[pax(["GNU.sparse.major", "1"]), entry("a", "x")], /found the PAX record GNU\.sparse\.major/],
  "an unknown type": [[entry("a", "", { type: "Z" })], /"a": found the unknown type "Z"/],
  "a global header": [[entry("g", record("path", "b"), { type: "g" }), entry("a")], /found a global PAX header/],
  "a long link": [[entry("k", "x\0", { type: "K" }), entry("a")], /found a link's long name/],
  "a link by PAX": [[pax(["linkpath", "b"]), entry("a")], /found the PAX record linkpath/],
  "a size by PAX": [[pax(["size", "512"]), entry("a", "x".repeat(512), { size: 0 })], /found the PAX record size/],
  "a PAX record with a wrong length": [[entry("x", "99 path=b\n", { type: "x" }), entry("a")], /a broken PAX record/],
  "a PAX record without a length": [[entry("x", "path=b\n", { type: "x" }), entry("a")], /a broken PAX record/],
  "a PAX record without an end": [[entry("x", "9 path=bc", { type: "x" }), entry("a")], /a broken PAX record/],
  "an empty PAX header": [[entry("x", "", { type: "x" }), entry("a")], /found a header of 0 bytes/],
  "a huge PAX header": [[pax(["comment", "x".repeat(20_000)]), entry("a")], /accepted 1 to 16384/],
  "two headers for a file": [[longName("b"), pax(["path", "c"]), entry("a")], /found two headers for one file/],
  "a header for no file": [[entry("a"), longName("b")], /found no file behind a header for one/],
  "a name twice": [[entry("a", "x"), entry("a", "y")], /"a": found the name twice/],
  "a name twice, rooted otherwise": [[entry("a", "x"), entry("/a", "y")], /"\/a": found the name twice/],
  "a name twice, written otherwise": [[entry("./a", "x"), pax(["path", "/a"]), entry("b")], /found the name twice/],
  "names that differ in case": [
    [entry("data.json"), entry("Data.json")],
    /"Data\.json": found a name like "data\.json"/,
  ],
  "names that differ in form": [[entry("\u00e9"), entry("e\u0301")], /found a name like/],
  "a size in binary": [[entry("a", "x", { size: new Uint8Array([128, ...Array(10).fill(0), 1]) })], /found the size/],
  "a negative size": [[entry("a", "x", { size: new Uint8Array(12).fill(255) })], /"a": found the size/],
  "a size that is half a number": [[entry("a", "x", { size: "00000000001x" })], /"a": found the size/],
  "no size": [[entry("a", "", { size: "\0".repeat(12) })], /"a": found the size/],
  "a size that is too large": [[entry("a", "x", { size: 10_000 })], /"a": found 1536 bytes, accepted the 10000/],
  "a size that is too small": [[entry("a", "x".repeat(600), { size: 100 })], /no tar header/],
  "a size far beyond memory": [[entry("a", "x", { size: "77777777777\0" })], /"a": found 1536 bytes/],
  "a folder with a size": [[entry("a/", "x", { type: "5" })], /"a\/": found a folder of 1 bytes/],
  "a file named as a folder": [[entry("a/", "x")], /"a\/": found an empty or absolute path/],
  "a wrong checksum": [[entry("a", "x", { checksum: 1 })], /Invalid tar header/],
  "a header of an unknown format": [[entry("a", "x", { magic: "" })], /no tar header/],
  "an entry behind the end": [[entry("a"), END, entry("b")], /found data behind the end/],
  "half a block behind the end": [[entry("a"), END, new Uint8Array(100)], /accepted whole blocks of 512/],
  "text behind the end": [[entry("a"), END, padded(bytesOf("x"))], /found data behind the end/],
  "an archive in place of a header": [[archive(entry("a")).slice(0, 0), padded(archive(entry("a")))], /no tar header/],
};

for (const [what, [parts, message]] of Object.entries(REFUSED)) {
  Deno.test(`an archive is refused for ${what}`, async () => {
    await rejects(read(entry("first", "1"), ...parts), message);
  });
}

Deno.test("a tar archive that ends early is refused at every block", async () => {
  const tar = joined([pax(["path", LONG]), entry("a", "x".repeat(700)), entry("b", "y"), END]);
  assertEquals((await readArchive(gzipSync(tar))).size, 2);
  for (let size = 0; size < tar.length; size += 256) {
    await rejects(readArchive(gzipSync(tar.subarray(0, size))), /found|accepted/, `${size} bytes`);
  }
});

Deno.test("a gzip stream that is cut off anywhere is refused", async () => {
  const whole = archive(entry("policy.wasm", "x".repeat(300)), entry("data.json", "{}"));
  for (let size = 0; size < whole.length; size++) {
    await rejects(readArchive(whole.subarray(0, size)), /found no whole gzip member/, `${size} bytes`);
  }
});

Deno.test("whatever is behind the gzip member is refused", async () => {
  const whole = archive(entry("a", "x"));
  const large = crypto.getRandomValues(new Uint8Array(60_000));
  for (const rest of [new Uint8Array(1), new Uint8Array(100_000), bytesOf("x"), whole, large]) {
    await rejects(readArchive(joined([whole, rest])), /nothing behind it/);
  }
});

Deno.test("what is no gzip is refused", async () => {
  for (const bytes of [bytesOf("{}"), entry("a", "x"), new Uint8Array()]) {
    await rejects(readArchive(bytes), /found no whole gzip member/);
  }
});

Deno.test("each limit holds to the byte", async () => {
  const whole = archive(entry("a", "x".repeat(1000)), entry("b", "y"));
  const exact = { compressed: whole.length, inflated: 3584, ratio: 1, entries: 2, file: 1000 };
  assertEquals((await readArchive(whole, exact)).size, 2);
  for (
    const [name, message] of [
      ["compressed", /accepted \d+ compressed/],
      ["inflated", /accepted 3583 inflated/],
      ["entries", /"b": found entry 2, accepted 1 entries/],
      ["file", /"a": found 1000 bytes, accepted 999 in a file/],
    ] as const
  ) {
    await rejects(readArchive(whole, { ...exact, [name]: exact[name] - 1 }), message);
  }
});

Deno.test("bombs are refused at the limits that the product has", async () => {
  const zeros = (mib: number) => gzipSync(new Uint8Array(mib * 1024 * 1024));
  await rejects(readArchive(zeros(64)), /found more than 200 times its size inside/);
  const noise = crypto.getRandomValues(new Uint8Array(16 * 1024));
  const repeated = gzipSync(joined(Array<Uint8Array>(129 * 64).fill(noise)));
  await rejects(readArchive(repeated), /found more than 134217728 bytes/);
  const files = Array.from({ length: BUNDLE_LIMITS.entries + 1 }, (_, index) => entry(`${index}`));
  await rejects(readArchive(archive(...files)), /"10000": found entry 10001/);
  await rejects(readArchive(new Uint8Array(BUNDLE_LIMITS.compressed + 1)), /accepted 33554432 compressed/);
});

Deno.test("an archive with one byte changed is refused or the same", async () => {
  const whole = archive(entry("policy.wasm", "module"), pax(["path", LONG]), entry("x", "{}"));
  const files = await readArchive(whole);
  let refused = 0;
  await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
    const changed = whole.map((byte, index) => index === at ? byte ^ mask : byte);
    const result = await readArchive(changed).catch(() => undefined);
    if (result === undefined) refused++;
    else assertEquals(result, files);
  }));
  ok(refused > 50);
});
