import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { Config } from "../../src/config/config.ts";
import { DEFAULT_CONFIG } from "../../src/config/config.ts";
import type { Evaluation, Evaluator } from "../../src/evaluators/evaluator.ts";
import { urlOf } from "../../src/webhook/addresses.ts";
import { listen } from "../../src/webhook/listen.ts";
import { Load } from "../../src/webhook/load.ts";
import { createMetrics } from "../../src/webhook/metrics.ts";
import { webhookListener } from "../../src/webhook/server.ts";
import type { LogLine } from "../serve_fixture.ts";

/** The webhook port before evaluations that the test holds back. */
export interface Front extends AsyncDisposable {
  readonly origin: string;
  /** Those that were asked for and wait. */
  readonly waiting: PromiseWithResolvers<Evaluation>[];
  /** When each had to be answered, after its start, in milliseconds. */
  readonly budgets: number[];
  readonly log: LogLine[];
  /** The value of a metric, by its name with its labels. */
  metric(name: string): Promise<number>;
  /** Resolves when so many evaluations wait. */
  until(holds: () => boolean | Promise<boolean>, what: string): Promise<void>;
  /** Ends all that wait with this answer. */
  release(text?: string): void;
}

export async function front(
  limits: Partial<Config["serve"]["limits"]> = {},
  { known = true }: { known?: boolean } = {},
): Promise<Front> {
  const log: LogLine[] = [];
  const record = (event: string, fields: Record<string, unknown> = {}) => void log.push({ event, ...fields });
  const metrics = createMetrics();
  const { registry } = metrics;
  const load = new Load({ ...DEFAULT_CONFIG.serve.limits, ...limits }, { registry, log: record, known });
  const waiting: PromiseWithResolvers<Evaluation>[] = [];
  const budgets: number[] = [];
  const evaluator: Evaluator = {
    evaluate(_body, _endpoint, deadline) {
      budgets.push(deadline - performance.now());
      const pending = Promise.withResolvers<Evaluation>();
      waiting.push(pending);
      return pending.promise;
    },
  };
  const listener = webhookListener({ evaluator, metrics, load, log: record });
  const configure = (server: Server) => load.limitConnections(server);
  const server = await listen({ host: "127.0.0.1", port: 0 }, { listener, tls: null, configure });
  return {
    origin: urlOf(server, "http"),
    ...{ waiting, budgets, log, until },
    async metric(name) {
      const lines = (await registry.metrics()).split("\n");
      const line = lines.find((line) => line.startsWith(`${name} `));
      assert.ok(line, `no ${name} in\n${lines.join("\n")}`);
      return Number(line.slice(name.length + 1));
    },
    release: (text = "{}") => waiting.splice(0).forEach(({ resolve }) => resolve(evaluationOf(text))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function evaluationOf(text: string): Evaluation {
  return {
    success: true,
    answer: new TextEncoder().encode(text),
    summary: {
      ...{ uid: "", reference: "", namespace: "", operation: "CREATE", username: "", revision: "", result: "allowed" },
      ...{ endpoint: "validating", dryRun: false, allowed: true, bypass: null, failing: null },
      ...{ violations: [], patches: [], failures: [] },
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail(`never: ${what}`);
}
