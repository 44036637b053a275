import { extract } from "tar-stream";
import {
  BUNDLE_LIMITS,
  BundleBuilder,
  type BundleFiles,
  type BundleLimits,
  RATIO_COUNTS_FROM,
} from "./bundle_files.ts";
import { concat } from "./bytes.ts";
import { checkBlocks } from "./tar_blocks.ts";

/** Deflate makes at most 1,032 bytes of one: what is inflated at a step stays below 17 MB. */
const STEP = 16 * 1024;

/**
 * Reads a bundle archive (gzip over tar) in memory. Throws an Error that says what was found and accepted, for the
 * whole archive: names outside the bundle, links, devices, duplicates, what is cut off or has something behind it, and
 * what is beyond the limits, before it is held.
 */
export async function readArchive(bytes: Uint8Array, limits: BundleLimits = BUNDLE_LIMITS): Promise<BundleFiles> {
  const tar = await inflate(bytes, limits);
  checkBlocks(tar);
  const builder = new BundleBuilder(limits);
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const { name, type, size = 0 } = entry.header;
    const chunks: Uint8Array[] = [];
    const file = type === "directory" ? builder.folder(name) : builder.file(name, size);
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    if (file !== undefined) builder.files.set(file, concat(chunks));
  }
  return builder.files;
}

async function inflate(bytes: Uint8Array, limits: BundleLimits): Promise<Uint8Array> {
  if (bytes.length > limits.compressed) throw tooLarge(`${bytes.length} bytes`, `${limits.compressed} compressed`);
  const largest = Math.min(limits.inflated, Math.max(bytes.length * limits.ratio, RATIO_COUNTS_FROM));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of gunzip(bytes)) {
    size += chunk.length;
    if (size > limits.inflated) throw tooLarge(`more than ${limits.inflated} bytes`, `${limits.inflated} inflated`);
    if (size > largest) throw tooLarge(`more than ${limits.ratio} times its size inside`, `${limits.ratio} times`);
    chunks.push(chunk);
  }
  return concat(chunks);
}

/** Refuses a wrong checksum or length, and whatever is behind the first gzip member (RFC 1952). */
async function* gunzip(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  try {
    yield* ReadableStream.from(steps(bytes)).pipeThrough(new DecompressionStream("gzip"));
  } catch (cause) {
    const found = cause instanceof TypeError ? cause.message : String(cause);
    throw new Error(`found no whole gzip member (${found}), accepted one and nothing behind it`, { cause });
  }
}

function* steps(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += STEP) yield bytes.slice(at, at + STEP);
}

function tooLarge(found: string, accepted: string): Error {
  return new Error(`found ${found}, accepted ${accepted}`);
}
