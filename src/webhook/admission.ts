import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Endpoint } from "../core/decision.ts";
import type { Evaluator } from "../evaluators/evaluator.ts";
import { causeOf } from "../core/text.ts";
import { type Log, logDecision } from "../log.ts";
import { CLOSED, readBody } from "./body.ts";
import { deadlineOf } from "./deadline.ts";
import { ANSWER_MS, LARGEST_BODY } from "./limits.ts";
import type { Load, Place, RequestShed } from "./load.ts";
import type { HttpRefusal, Metrics } from "./metrics.ts";

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
  readonly load: Load;
  readonly log: Log;
  /** Once it is aborted, answers tell clients to go elsewhere: the server ends soon. */
  readonly ending?: AbortSignal;
  /** For events of which a flood brings many. */
  readonly logBurst: Log;
}

/**
 * Answers one HTTP request to a webhook path: by an AdmissionReview, a 4xx, or a 503 above a limit. Never throws; a
 * request that cannot be read to its end, or that an evaluator loses, has its connection closed, which is the API
 * server's `failurePolicy`.
 */
export async function admit(
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission & { endpoint: Endpoint },
): Promise<void> {
  const started = performance.now();
  const { load, metrics, logBurst } = admission;
  const refusal = refusalOf(request);
  if (refusal) return refuse(response, refusal, metrics);
  const place = load.enter(request.socket.remoteAddress ?? "");
  if (typeof place === "string") return shed(response, place);
  const exchange = { request, response, place, closed: untilClosed(request, response) };
  try {
    await answer(exchange, { ...admission, started });
  } catch (error) {
    logBurst("request_lost", { cause: causeOf(error) });
    if (!response.writableEnded) request.socket.destroy();
  }
  await closedInTime(exchange);
  place.leave();
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly place: Place;
  readonly closed: Promise<void>;
}

async function answer(
  { request, response, place }: Exchange,
  { evaluator, metrics, load, log, ending, endpoint, started }: Admission & { endpoint: Endpoint; started: number },
): Promise<void> {
  const body = await readBody(request, place);
  if (body === "too large") {
    return refuse(response, ["413", `Cannot read the body: more than ${LARGEST_BODY} bytes`], metrics);
  }
  if (body === "no memory") return shed(response, load.shed("memory"));
  const received = performance.now();
  const evaluation = await evaluator.evaluate(body, endpoint, deadlineOf(request.url, started));
  if (request.socket.destroyed) throw new Error(CLOSED);
  if (ending?.aborted) response.setHeader("connection", "close");
  if (!evaluation.success) return refuse(response, ["400", evaluation.message], metrics);
  send(response, 200, { type: "application/json", body: evaluation.answer });
  metrics.record(evaluation.summary, (performance.now() - received) / 1000);
  logDecision(log, evaluation.summary);
}

/** The response alone does not tell: of pipelined ones that wait for their turn, none is closed with its connection. */
function untilClosed({ socket }: IncomingMessage, response: ServerResponse): Promise<void> {
  socket.setMaxListeners(0); // one for each pipelined request
  return new Promise((resolve) => {
    const closed = () => {
      socket.off("close", closed);
      resolve();
    };
    response.once("close", closed);
    socket.once("close", closed);
  });
}

/** An answer that is not taken ends with its connection. */
async function closedInTime({ request, closed }: Exchange): Promise<void> {
  const timer = setTimeout(() => request.socket.destroy(), ANSWER_MS);
  await closed;
  clearTimeout(timer);
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

const SHED = {
  in_flight: [503, "Cannot take the request: accepted fewer at once"],
  memory: [503, "Cannot read the body: accepted fewer bytes at once"],
  rate: [429, "Cannot take the request: accepted fewer a second"],
} as const;

/** Without Retry-After: the API server would try again until its timeout (client-go, rest.Request). */
function shed(response: ServerResponse, reason: RequestShed): void {
  const [status, message] = SHED[reason];
  if (reason === "memory") response.setHeader("connection", "close");
  send(response, status, { type: "text/plain; charset=utf-8", body: `${message}\n` });
}

function send(
  response: ServerResponse,
  status: number,
  { type, body }: { type: string; body: string | Uint8Array },
): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
