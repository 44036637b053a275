import { readConfig } from "../../src/load.ts";
import { build } from "../../src/load.ts";
import { Bundles } from "../../src/bundles.ts";
import type { Endpoint } from "../../src/core/decision.ts";
import type { AdmissionResponse } from "../../src/core/answer.ts";
import type { Summary } from "../../src/evaluators/evaluator.ts";
import { EvaluatorPool, type PoolEvent, type PoolOptions } from "../../src/evaluators/pool.ts";
import type { AdmissionRequest } from "../../src/contract.ts";
import { reviewOf } from "../request_fixture.ts";
import { withFiles } from "../run_fixture.ts";

/** A pod policy whose `validate` does this with `object`, by the name that the file has. */
export function policyModule(name: string, validate: string): string {
  return `export default () => ({
  name: "${name}",
  metadata: { title: "t", description: "d", severity: "low", controls: [], remediation: "r" },
  match: [{ group: "", kinds: ["Pod"] }],
  rules: ["deny_it"],
  validate({ object }) { ${validate} return []; },
});
`;
}

export interface Answered {
  readonly response: AdmissionResponse;
  readonly summary: Summary;
  readonly ms: number;
}

/** A pool with the policies of a config, and what was told of it. */
export interface TestPool {
  readonly pool: EvaluatorPool;
  readonly told: { event: PoolEvent; fields: Record<string, unknown> }[];
  ask(request: AdmissionRequest, options?: { endpoint?: Endpoint; timeoutMs?: number }): Promise<Answered>;
}

/** Runs with a pool of real processes. `files` has `kp.yaml` and what it names. */
export async function withPool(
  files: Readonly<Record<string, string>>,
  use: (pool: TestPool) => Promise<void>,
  options: Partial<PoolOptions> = {},
): Promise<void> {
  await withFiles(files, async (folder) => {
    const told: TestPool["told"] = [];
    const config = await readConfig(`${folder}/kp.yaml`);
    const timeouts = new Map(
      config.policies.flatMap(({ timeoutSeconds }, i) => timeoutSeconds ? [[i, timeoutSeconds] as const] : []),
    );
    const pool = new EvaluatorPool({
      ...{ count: 2, memory: 256, quarantineAfter: 100, windowSeconds: 600, timeouts },
      tell: (event, fields) => void told.push({ event, fields }),
      ...options,
    });
    try {
      const loaded = await build(config, {
        environment: undefined,
        fallback: { validate: "deny", mutate: "patch" },
        bundles: new Bundles(() => undefined),
        resolve: (entries) => pool.load(entries),
      });
      await pool.use(loaded.engine, loaded.settings);
      await pool.test({});
      await use({ pool, told, ask: (request, given) => ask(pool, request, given) });
    } finally {
      await pool.close();
    }
  });
}

async function ask(
  pool: EvaluatorPool,
  request: AdmissionRequest,
  { endpoint = "validating", timeoutMs = 2000 }: { endpoint?: Endpoint; timeoutMs?: number } = {},
): Promise<Answered> {
  const started = performance.now();
  const body = new TextEncoder().encode(JSON.stringify(reviewOf(request)));
  const evaluation = await pool.evaluate(body, endpoint, started + timeoutMs);
  if (!evaluation.success) throw new Error(evaluation.message);
  const { response } = JSON.parse(new TextDecoder().decode(evaluation.answer));
  return { response, summary: evaluation.summary, ms: performance.now() - started };
}
