import type { Evaluator } from "./evaluators/evaluator.ts";

export async function selfTest(_set: Evaluator): Promise<void> {
}
