import { load, type Loaded } from "../../../src/load.ts";
import type { Engine } from "../../../src/core/engine.ts";
import type { Endpoint } from "../../../src/core/decision.ts";
import { type AdmissionResponse, answer } from "../../../src/core/answer.ts";
import { review } from "../../../src/core/review.ts";
import type { AdmissionRequest, Fields } from "../../../src/contract.ts";
import { goodPod, requestOf } from "../../request_fixture.ts";
import { withFiles } from "../../run_fixture.ts";

/** The folder of the built bundles. */
export const FORMS = new URL("../../fixtures/rego/forms", import.meta.url).pathname;

/** What a config comes to. `$FORMS` is the folder of the built bundles. */
export async function loadedFrom(config: string, files: Readonly<Record<string, string>> = {}): Promise<Loaded> {
  return await withFiles(
    { "kp.yaml": config.replaceAll("$FORMS", FORMS), ...files },
    (folder) =>
      load({ file: `${folder}/kp.yaml`, environment: undefined, fallback: { validate: "monitor", mutate: "dryrun" } }),
  );
}

export async function engineFrom(config: string, files?: Readonly<Record<string, string>>): Promise<Engine> {
  return (await loadedFrom(config, files)).engine;
}

/** A good pod with annotations; what is no text becomes JSON. */
export function annotated(annotations: Readonly<Record<string, unknown>>, fields: Fields = {}): Fields {
  const texts = Object.entries(annotations).map(([key, value]) =>
    [key, typeof value === "string" ? value : JSON.stringify(value)] as const
  );
  return { ...goodPod({}, { annotations: Object.fromEntries(texts) }), ...fields };
}

/** What the webhook would answer. */
export function answerTo(
  object: Fields | AdmissionRequest,
  endpoint: Endpoint,
  engine: Engine,
): AdmissionResponse {
  const request = "uid" in object ? object as unknown as AdmissionRequest : requestOf(object as Fields);
  return answer(review(request, endpoint, engine), "admission.k8s.io/v1").response;
}

/** The operations of an answer's patch. */
export function operationsOf({ patch }: AdmissionResponse): unknown {
  return patch === undefined ? [] : JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(patch)));
}
