/** The files of a bundle by name: `policy.wasm`, `roles/data.json`, `.manifest`. No leading `/` or `./`. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** Sizes are bytes. */
export interface BundleLimits {
  /** Of the archive as it was sent. */
  readonly compressed: number;
  /** Of all files together, and of the tar archive that holds them. */
  readonly inflated: number;
  /** Inflated to compressed, once {@link RATIO_COUNTS_FROM} bytes are inflated. */
  readonly ratio: number;
  /** Files and folders. */
  readonly entries: number;
  readonly file: number;
}

const MIB = 1024 * 1024;

/**
 * A compiled policy set has some 10 files and 1 MB. An instance's memory ends at 256 MiB, in which a module and its
 * data, some three times their JSON's size, must fit: no larger file could run. Wasm shrinks to a fifth, repetitive
 * JSON to a fiftieth; deflate's own end is 1:1032.
 */
export const BUNDLE_LIMITS: BundleLimits = {
  compressed: 32 * MIB,
  inflated: 128 * MIB,
  ratio: 200,
  entries: 10_000,
  file: 64 * MIB,
};

/** A tiny archive is mostly the zeros that pad it. */
export const RATIO_COUNTS_FROM = MIB;

const LONGEST_NAME = 512;
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\\ufffd]/u;

/** Gathers the files of one bundle and refuses what no honest bundle holds. Errors name the entry. */
export class BundleBuilder {
  readonly files = new Map<string, Uint8Array>();
  readonly #limits: BundleLimits;
  /** Names as they are, by what a file system or a reader may take for the same. */
  readonly #alike = new Map<string, string>();
  #entries = 0;
  #size = 0;

  constructor(limits: BundleLimits) {
    this.#limits = limits;
  }

  /** Counts a folder, which a bundle has no use for. */
  folder(written: string): void {
    this.#count(written);
    const name = withoutRoot(written).replace(/\/$/, "");
    if (name !== "" && name !== ".") checkName(written, name);
  }

  /** The name of a file that may be read: to be called before its bytes are. */
  file(written: string, size: number): string {
    this.#count(written);
    const name = withoutRoot(written);
    checkName(written, name);
    this.#checkUnique(written, name);
    if (size > this.#limits.file) throw wrong(written, `${size} bytes`, `${this.#limits.file} in a file`);
    this.#size += size;
    if (this.#size <= this.#limits.inflated) return name;
    throw wrong(written, `more than ${this.#limits.inflated} bytes with it`, `${this.#limits.inflated} in a bundle`);
  }

  #count(written: string): void {
    if (++this.#entries <= this.#limits.entries) return;
    throw wrong(written, `entry ${this.#entries}`, `${this.#limits.entries} entries`);
  }

  #checkUnique(written: string, name: string): void {
    const key = name.normalize("NFKC").toLowerCase();
    const other = this.#alike.get(key);
    if (other === name) throw wrong(written, "the name twice", "a name once");
    if (other !== undefined) {
      throw wrong(written, `a name like ${quoted(other)}`, "names that differ in more than case");
    }
    this.#alike.set(key, name);
  }
}

/** `opa build` writes `/policy.wasm`, `tar` writes `./policy.wasm`. */
function withoutRoot(name: string): string {
  return name.replace(/^\.?\//, "");
}

function checkName(written: string, name: string): void {
  const size = new TextEncoder().encode(name).length;
  if (size > LONGEST_NAME) throw wrong(written, `a name of ${size} bytes`, `${LONGEST_NAME}`);
  const steps = name.split("/");
  if (steps.includes("..")) {
    throw wrong(written, '".." in the name', "names inside the bundle: run opa build in a folder above the rules");
  }
  if (steps.includes("") || steps.includes(".")) throw wrong(written, "an empty or absolute path", "names as a/b.json");
  const unsafe = UNSAFE.exec(name)?.[0].codePointAt(0);
  if (unsafe === undefined) return;
  throw wrong(written, `U+${unsafe.toString(16).padStart(4, "0")} in the name`, "printable UTF-8 without backslashes");
}

export function wrong(name: string, found: string, accepted: string): Error {
  return new Error(`${quoted(name)}: found ${found}, accepted ${accepted}`);
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}
