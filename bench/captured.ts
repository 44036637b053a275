import { load, type Loaded } from "../src/load.ts";

/** One AdmissionReview as a real API server sent it. */
export interface Captured {
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The review of the pod's creation that was sent to that endpoint. */
export async function capturedPod(name: string, endpoint: "validating" | "mutating"): Promise<Captured> {
  const lines = await Deno.readTextFile(new URL(`../test/fixtures/captures/${endpoint}.jsonl`, import.meta.url));
  for (const text of lines.split("\n").filter(Boolean)) {
    const { request } = JSON.parse(text);
    const isIt = request.kind.kind === "Pod" && request.operation === "CREATE" && request.name === name;
    if (isIt) return { text, bytes: new TextEncoder().encode(text) };
  }
  throw new Error(`Cannot find the creation of pod ${name} among the captures`);
}

/** Everything of a config file of this folder, with stages `deny` and `patch`. */
export function loaded(config: string): Promise<Loaded> {
  const file = new URL(config, import.meta.url).pathname;
  return load({ file, environment: undefined, fallback: { validate: "deny", mutate: "patch" } });
}
