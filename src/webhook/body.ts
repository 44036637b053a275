import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { LARGEST_BODY } from "./limits.ts";
import type { Place } from "./load.ts";

export const CLOSED = "the client closed the connection";

export type Body = Uint8Array | "too large" | "no memory";

/**
 * The whole body, or why it is not read on, as soon as that is known. Bytes count for memory as they come: a client
 * that announces many and sends none would else keep them from others. Throws Error when the connection ends before.
 */
export function readBody(request: IncomingMessage, place: Place): Promise<Body> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (reason: "too large" | "no memory") => {
      request.off("data", keep);
      request.pause();
      resolve(reason);
    };
    const keep = (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_BODY) return stop("too large");
      if (!place.hold(chunk.length)) return stop("no memory");
      chunks.push(chunk);
    };
    if (Number(request.headers["content-length"] ?? 0) > LARGEST_BODY) return resolve("too large");
    request.on("data", keep);
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("aborted", () => reject(new Error(CLOSED)));
  });
}
