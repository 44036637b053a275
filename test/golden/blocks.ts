import { answer } from "../../src/core/answer.ts";
import type { Endpoint } from "../../src/core/decision.ts";
import type { Engine } from "../../src/core/engine.ts";
import { review } from "../../src/core/review.ts";
import { readReview } from "../../src/core/wire.ts";
import { load } from "../../src/load.ts";
import { captures } from "../captures.ts";
import type { Decided } from "./block.ts";

const FOLDER = new URL(".", import.meta.url);

export const ENDPOINTS: readonly Endpoint[] = ["validating", "mutating"];

/** The engine that test/golden/config.yaml describes. */
export async function goldenEngine(): Promise<Engine> {
  const file = new URL("config.yaml", FOLDER).pathname;
  const { engine } = await load({ file, environment: undefined, fallback: { validate: "off", mutate: "off" } });
  return engine;
}

/** The responses to every captured review, as they are now. */
export function responses(endpoint: Endpoint, engine: Engine): Decided[] {
  return captures(endpoint).map((captured) => {
    const parsed = readReview(captured);
    if (!parsed.success) throw new Error(parsed.message);
    const { request, version } = parsed;
    return { request, response: answer(review(request, endpoint, engine), version).response };
  });
}

/** The golden blocks of an endpoint, in the order of the captures. */
export function goldenBlocks(endpoint: Endpoint): string[] {
  return Deno.readTextFileSync(goldenFile(endpoint)).trimEnd().split("\n\n");
}

export function goldenFile(endpoint: Endpoint): URL {
  return new URL(`${endpoint}.txt`, FOLDER);
}
