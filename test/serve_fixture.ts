import assert from "node:assert/strict";
import { run } from "../src/cli.ts";
import type { AdmissionRequest } from "../src/contract.ts";
import type { AdmissionResponse } from "../src/core/answer.ts";
import type { Endpoint } from "../src/core/decision.ts";
import { type Answered, type Asked, assertReview } from "./answer_assertions.ts";
import { assertSameReplay } from "./replay_assertions.ts";
import { reviewOf } from "./request_fixture.ts";

/** Every shipped policy at several stages, one that breaks down when told to, and one for every kind. */
export const SERVE_CONFIG = new URL("fixtures/serve/kube-policies.yaml", import.meta.url).pathname;

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** `kp serve` in this process, on free ports. */
export interface Serving {
  /** Origins: `http://127.0.0.1:40123`. */
  readonly webhook: string;
  readonly operators: string;
  /** Standard error as it was written so far. */
  text(): string;
  /** The same line by line; fails where one is not JSON. */
  log(): LogLine[];
  /** As SIGHUP does. */
  hangup(): void;
  /** As SIGTERM does: drains. Gives the exit code. */
  stop(): Promise<number>;
}

/**
 * How the tests of this process reach `kp serve` where they do not say: plain HTTP and policies in the server's own
 * process; or HTTPS and evaluators, as in a cluster. Whoever sets it imports the tests after that.
 */
export const transport = { isProduction: false };

const TLS = new URL("fixtures/tls/", import.meta.url).pathname;
const IN_PROCESS = ["--evaluators", "0", "--trust-policies"];

function usualArgs(): string[] {
  const config = ["--config", SERVE_CONFIG];
  if (!transport.isProduction) return ["--insecure-http", ...IN_PROCESS, ...config];
  const tls = ["--tls-cert", `${TLS}localhost.crt`, "--tls-key", `${TLS}localhost.key`];
  return [...tls, "--evaluators", "1", ...config];
}

export const client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(`${TLS}localhost.crt`)] });

/** Starts `kp serve` with these arguments and free ports. Throws what it writes when it does not come up. */
export async function serve(args: readonly string[] = usualArgs()): Promise<Serving> {
  let text = "";
  const log = () => text.trim().split("\n").map((line): LogLine => JSON.parse(line));
  const controller = new AbortController();
  const hangups: (() => void)[] = [];
  const up = Promise.withResolvers<void>();
  const err = (lines: string) => {
    text += lines;
    if (lines.includes('"event":"serving"')) up.resolve();
  };
  const drain = args.includes("--drain") ? [] : ["--drain", "0"];
  const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
  const code = run(["serve", ...ports, ...drain, ...args], {
    env: () => undefined,
    stdin: new Blob([]).stream(),
    out: assert.fail,
    err,
    errAsync: (lines) => Promise.resolve(err(lines)),
    signal: controller.signal,
    onHangup: (listener) => void hangups.push(listener),
  });
  await Promise.race([up.promise, code.then(() => assert.fail(text))]);
  const { webhook, operators } = log().find(({ event }) => event === "serving") as unknown as Serving;
  const stop = () => {
    controller.abort();
    return code;
  };
  return { webhook, operators, text: () => text, log, hangup: () => hangups.forEach((tell) => tell()), stop };
}

/**
 * One server for all tests of a file. Its side of the tests' connections outlives each of them, which is no leak:
 * so register the tests with the function that this gives.
 */
export async function serveForFile(args?: readonly string[]) {
  const server = await serve(args);
  Deno.test.afterAll(async () => assert.equal(await server.stop(), 0));
  const test = (name: string, fn: () => Promise<void>) =>
    Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
  return { server, test };
}

const PATHS: Record<Endpoint, string> = { validating: "/validate", mutating: "/mutate" };

/** Sends a body to a webhook of that server as the API server would. */
export async function post(
  { webhook }: Serving,
  body: BodyInit | null,
  { path = PATHS.validating, ...init }: RequestInit & { path?: string } = {},
): Promise<Answered> {
  const headers = { "content-type": "application/json", ...init.headers };
  const response = await fetch(`${webhook}${path}`, { method: "POST", body, ...init, headers, client });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/** Sends a review, and holds the answer against the rules for every answer and against `kp replay`. */
export function reviewed(
  server: Serving,
  request: AdmissionRequest,
  options: Expected = {},
): Promise<AdmissionResponse> {
  return reviewedText(server, JSON.stringify(reviewOf(request, options.apiVersion)), options);
}

export interface Expected extends Partial<Omit<Asked, "request">> {
  /** What `kp replay` is given where it refuses the text itself. */
  readonly replayed?: string;
}

/** The same for a review as it is written: it means what JSON.parse makes of it. */
export async function reviewedText(
  server: Serving,
  text: string,
  { endpoint = "validating", failing, replayed = text }: Expected = {},
): Promise<AdmissionResponse> {
  const { apiVersion, request } = JSON.parse(text);
  const answered = await post(server, text, { path: PATHS[endpoint] });
  const response = assertReview(answered, { apiVersion, request, endpoint, failing });
  await assertSameReplay(replayed, { answer: answered.body, endpoint, config: SERVE_CONFIG });
  return response;
}
