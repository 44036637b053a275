import type { Container, Fields, Match, Pod } from "../contract.ts";
import { fields, isAbsent, isFields, list, otherType } from "./malformed.ts";

const TEMPLATE = ["spec", "template"];

/** Where each kind keeps the object with a pod's `metadata` and `spec` (pod-security-admission, admission.go). */
const POD_PATHS: Record<string, Record<string, readonly string[]>> = {
  "": { Pod: [], PodTemplate: ["template"], ReplicationController: TEMPLATE },
  apps: { Deployment: TEMPLATE, ReplicaSet: TEMPLATE, StatefulSet: TEMPLATE, DaemonSet: TEMPLATE },
  extensions: { Deployment: TEMPLATE, ReplicaSet: TEMPLATE, DaemonSet: TEMPLATE },
  batch: { Job: TEMPLATE, CronJob: ["spec", "jobTemplate", "spec", "template"] },
};

/** Pods and every built-in kind that holds a pod template. */
export const POD_KINDS: readonly Match[] = Object.entries(POD_PATHS)
  .map(([group, kinds]) => ({ group, kinds: Object.keys(kinds) }));

const LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;

const TEMPLATES = new Map(
  Object.entries(POD_PATHS).flatMap(([group, kinds]) =>
    Object.entries(kinds).map(([kind, path]) => [`${group}/${kind}`, path] as const)
  ),
);

/** JSON Pointer of the pod template in objects of that kind; null for kinds without one, and for Pods themselves. */
export function templateOf(kind: { group: string; kind: string }): string | null {
  const steps = TEMPLATES.get(`${kind.group}/${kind.kind}`);
  return steps && steps.length > 0 ? `/${steps.join("/")}` : null;
}

/** The pod in an object of that kind; null for a kind without one. Throws Malformed. */
export function podOf(kind: { group: string; kind: string }, object: Fields): Pod | null {
  const steps = TEMPLATES.get(`${kind.group}/${kind.kind}`);
  if (steps === undefined) return null;
  let holder: unknown = object;
  let path = "";
  for (const step of steps) {
    holder = fields(holder, path)[step];
    path += `/${step}`;
  }
  if (isAbsent(holder) && kind.kind === "ReplicationController") return null;
  if (!isFields(holder)) throw otherType(path, holder, "object");
  return podAt(holder, path);
}

function podAt(holder: Fields, path: string): Pod {
  const spec = holder.spec;
  if (!isFields(spec)) throw otherType(`${path}/spec`, spec, "object");
  return {
    path,
    metadata: fields(holder.metadata, `${path}/metadata`),
    spec,
    securityContext: fields(spec.securityContext, `${path}/spec/securityContext`),
    containers: containersOf(spec, `${path}/spec`),
    windows: fields(spec.os, `${path}/spec/os`).name === "windows",
  };
}

function containersOf(spec: Fields, path: string): Container[] {
  const containers: Container[] = [];
  for (const name of LISTS) {
    const entries = list(spec[name], `${path}/${name}`);
    for (let i = 0; i < entries.length; i++) {
      containers.push(containerOf(entries[i], name, `${path}/${name}/${i}`));
    }
  }
  return containers;
}

function containerOf(entry: unknown, list: Container["list"], path: string): Container {
  if (!isFields(entry)) throw otherType(path, entry, "object");
  const name = entry.name;
  if (!isAbsent(name) && typeof name !== "string") throw otherType(`${path}/name`, name, "string");
  return {
    name: name ?? "",
    list,
    path,
    fields: entry,
    securityContext: fields(entry.securityContext, `${path}/securityContext`),
  };
}
