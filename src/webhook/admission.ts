import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Endpoint } from "../core/decision.ts";
import type { Evaluator } from "../evaluators/evaluator.ts";
import { causeOf } from "../core/text.ts";
import { type Log, logDecision } from "../log.ts";
import type { HttpRefusal, Metrics } from "./metrics.ts";

/** Two objects of at most 3 MiB (apiserver, MaxRequestBodyBytes) and what is around them. */
export const LARGEST_BODY = 8 * 1024 * 1024;

const ENDPOINTS = new Map<string, Endpoint>([
  ["/v0/data/system/validating", "validating"],
  ["/validate", "validating"],
  ["/v0/data/system/mutating", "mutating"],
  ["/mutate", "mutating"],
]);

/** Which webhook a request path asks for; the API server appends `?timeout=3s`, which does not count. */
export function endpointOf(url: string | undefined): Endpoint | undefined {
  return ENDPOINTS.get((url ?? "").split("?", 1)[0]);
}

export interface Admission {
  readonly evaluator: Evaluator;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Answers one HTTP request to a webhook path: by an AdmissionReview or a 4xx. Never throws; a request that cannot be read
 * to its end, or that an evaluator loses, has its connection closed, which is the API server's `failurePolicy`.
 */
export async function admit(
  request: IncomingMessage,
  response: ServerResponse,
  { endpoint, ...admission }: Admission & { endpoint: Endpoint },
): Promise<void> {
  const { evaluator, metrics, log } = admission;
  try {
    const refusal = refusalOf(request);
    if (refusal) return refuse(response, refusal, metrics);
    const body = await readBody(request);
    if (body === null) {
      return refuse(response, ["413", `Cannot read the body: more than ${LARGEST_BODY} bytes`], metrics);
    }
    const started = performance.now();
    const evaluation = await evaluator.evaluate(body, endpoint, started + 2700);
    if (!evaluation.success) return refuse(response, ["400", evaluation.message], metrics);
    send(response, 200, { type: "application/json", body: evaluation.answer });
    metrics.record(evaluation.summary, (performance.now() - started) / 1000);
    logDecision(log, evaluation.summary);
  } catch (error) {
    log("request_lost", { cause: causeOf(error) });
    if (!response.writableEnded) response.destroy();
  }
}

type Refusal = readonly [HttpRefusal, string];

/** `curl -d` says form, many clients say nothing: both are read as JSON. */
const TYPES = /^(application\/(json|x-www-form-urlencoded)(\s*;\s*charset="?utf-8"?)?)?$/i;

function refusalOf({ method, headers }: IncomingMessage): Refusal | null {
  if (method !== "POST") return ["405", `Cannot ${method} a webhook: accepted POST`];
  const type = headers["content-type"] ?? "";
  if (!TYPES.test(type.trim())) return ["415", "Cannot read the body: accepted content type application/json in UTF-8"];
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") return ["415", "Cannot read the body: accepted no content encoding"];
  return null;
}

function refuse(response: ServerResponse, [status, message]: Refusal, metrics: Metrics): void {
  metrics.refuse(status);
  if (status === "405") response.setHeader("allow", "POST");
  if (status === "413") response.setHeader("connection", "close");
  send(response, Number(status), { type: "text/plain; charset=utf-8", body: `${message}\n` });
}

function send(
  response: ServerResponse,
  status: number,
  { type, body }: { type: string; body: string | Uint8Array },
): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** The whole body; null as soon as it is known to be too large. */
function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    if (Number(request.headers["content-length"] ?? 0) > LARGEST_BODY) return resolve(null);
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_BODY) {
        request.pause();
        return resolve(null);
      }
      chunks.push(chunk);
    });
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("aborted", () => reject(new Error("the client closed the connection")));
  });
}
