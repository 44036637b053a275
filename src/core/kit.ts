import * as v from "valibot";
import type { Container, Kit, PodSecurityVersion, Subject } from "../contract.ts";
import { deepFreeze } from "./freeze.ts";
import { parseImage } from "./image.ts";
import { fields, list } from "./malformed.ts";
import { escapeToken } from "./patch.ts";
import { POD_KINDS } from "./pods.ts";

/** The newest minor of Kubernetes whose Pod Security Standards are written down here. */
export const NEWEST_POD_SECURITY_MINOR = 37;

/** `v1.34`, or `latest`. */
export const podSecurityVersionName = v.pipe(
  v.string(),
  v.regex(/^(latest|v1\.(0|[1-9]\d{0,3}))$/, "accepted: latest, v1.0 and later (v1.34)"),
);

const podSecurityVersion: v.GenericSchema<unknown, PodSecurityVersion> = v.pipe(
  v.optional(
    v.strictObject({ version: v.optional(podSecurityVersionName, "latest") }),
    {},
  ),
  v.transform(({ version }) => ({ minor: minorOf(version) })),
);

/** `v1.34` -> 34. `latest` and versions newer than known are the newest known, as upstream has it. */
function minorOf(version: string): number {
  const minor = version === "latest" ? NEWEST_POD_SECURITY_MINOR : Number(version.slice("v1.".length));
  return Math.min(minor, NEWEST_POD_SECURITY_MINOR);
}

function podMessage(subject: Subject, predicate: string): string {
  return `Pod ${subject.reference} ${predicate}.`;
}

function containerMessage(subject: Subject, container: Container, predicate: string): string {
  return `Resource ${subject.reference} (container=${container.name}) ${predicate}.`;
}

/** Without what changes valibot for everybody. */
const valibot = Object.freeze(
  Object.fromEntries(Object.entries(v).filter(([name]) => !/^(set|delete)(Global|Schema|Specific)/.test(name))),
) as typeof v;

deepFreeze(POD_KINDS);

/** What every policy factory is given. */
export const kit: Kit = Object.freeze({
  v: valibot,
  pods: POD_KINDS,
  podSecurityVersion,
  podMessage,
  containerMessage,
  fields,
  list,
  pointerToken: escapeToken,
  parseImage,
});
