import type { AdmissionRequest, Fields } from "../contract.ts";
import { isFields } from "./malformed.ts";

/** Identities that pass every policy with their own requests. */
export interface Breakglass {
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** Literal; each ends in one of `: / - @ .`, so that no longer name part can match by accident. */
  readonly usernamePrefixes: readonly string[];
}

export type CriticalKind = "Pod" | "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob";

/** A component that a cluster cannot live without. */
export interface CriticalEntry {
  readonly namespace: string;
  readonly kind: CriticalKind;
  readonly name: string;
}

/** `<kind>/<namespace>/<name>`. */
export function entryText({ kind, namespace, name }: CriticalEntry): string {
  return `${kind}/${namespace}/${name}`;
}

/** Why policies were not asked. */
export type Bypass =
  | { readonly by: "critical"; readonly entry: CriticalEntry }
  | { readonly by: "breakglass"; readonly identities: readonly ("users" | "groups" | "username_prefixes")[] };

/** The way past the policies that a request has, if any. Reads the envelope and metadata only, and never throws. */
export function bypassOf(
  request: AdmissionRequest,
  { critical, breakglass }: { critical: readonly CriticalEntry[]; breakglass: Breakglass },
): Bypass | null {
  const entry = critical.find((candidate) => concerns(candidate, request));
  if (entry) return { by: "critical", entry };
  const identities = identitiesOf(request, breakglass);
  return identities.length > 0 ? { by: "breakglass", identities } : null;
}

function identitiesOf({ userInfo }: AdmissionRequest, breakglass: Breakglass) {
  const username = userInfo?.username ?? "";
  const identities: ("users" | "groups" | "username_prefixes")[] = [];
  if (breakglass.users.has(username)) identities.push("users");
  if (userInfo?.groups?.some((group) => breakglass.groups.has(group))) identities.push("groups");
  if (breakglass.usernamePrefixes.some((prefix) => username.startsWith(prefix))) identities.push("username_prefixes");
  return identities;
}

const GROUPS: Record<CriticalKind, string> = {
  Pod: "",
  Deployment: "apps",
  ReplicaSet: "apps",
  StatefulSet: "apps",
  DaemonSet: "apps",
  Job: "batch",
  CronJob: "batch",
};

export const CRITICAL_KINDS = Object.keys(GROUPS) as CriticalKind[];

/** The account of each owner kind's controller: anybody may write an owner reference, only it makes the object. */
const CONTROLLERS: Record<string, string> = {
  Deployment: "deployment-controller",
  ReplicaSet: "replicaset-controller",
  StatefulSet: "statefulset-controller",
  DaemonSet: "daemon-set-controller",
  Job: "job-controller",
  CronJob: "cronjob-controller",
};

function concerns(entry: CriticalEntry, request: AdmissionRequest): boolean {
  const { kind, namespace } = request;
  if (namespace !== entry.namespace) return false;
  const object = isFields(request.object) ? request.object : isFields(request.oldObject) ? request.oldObject : {};
  const metadata = isFields(object.metadata) ? object.metadata : {};
  const name = request.name || metadata.name;
  if (kind.kind === entry.kind && kind.group === GROUPS[entry.kind] && name === entry.name) return true;
  return isOwned(entry, request, metadata) || isMirrorPod(entry, request, metadata);
}

function isOwned(entry: CriticalEntry, request: AdmissionRequest, metadata: Fields): boolean {
  const owner = controllerOf(metadata);
  if (!owner || !madeByControllerOf(owner.kind, request)) return false;
  if (owner.kind === entry.kind && owner.name === entry.name) return true;
  if (entry.kind === "Deployment" && owner.kind === "ReplicaSet") {
    const hash = isFields(metadata.labels) ? metadata.labels["pod-template-hash"] : undefined;
    return typeof hash === "string" && hash !== "" && owner.name === `${entry.name}-${hash}`;
  }
  return entry.kind === "CronJob" && owner.kind === "Job" && isRunOf(entry.name, owner.name);
}

/** Jobs of a CronJob are named `<cronjob>-<scheduled minute since 1970>`. */
function isRunOf(cronJob: string, job: unknown): boolean {
  return typeof job === "string" && job.startsWith(`${cronJob}-`) && /^\d+$/.test(job.slice(cronJob.length + 1));
}

/**
 * Whether a template's pods will be taken for critical ones by their owner's name, whoever made that owner: nothing
 * will repair them.
 */
export function podsAreCritical(
  { kind, namespace, name }: AdmissionRequest,
  critical: readonly CriticalEntry[],
): boolean {
  return critical.some((entry) =>
    entry.namespace === namespace &&
    ((entry.kind === "Deployment" && kind.kind === "ReplicaSet" && name?.startsWith(`${entry.name}-`)) ||
      (entry.kind === "CronJob" && kind.kind === "Job" && isRunOf(entry.name, name)))
  );
}

function controllerOf(metadata: Fields): { kind: CriticalKind; name: unknown } | null {
  if (!Array.isArray(metadata.ownerReferences)) return null;
  const reference = metadata.ownerReferences.find((owner) => isFields(owner) && owner.controller === true);
  const kind = CRITICAL_KINDS.find((kind) => kind === reference?.kind && kind in CONTROLLERS);
  return kind && reference.apiVersion === `${GROUPS[kind]}/v1` ? { kind, name: reference.name } : null;
}

function madeByControllerOf(ownerKind: CriticalKind, { userInfo }: AdmissionRequest): boolean {
  const username = userInfo?.username;
  return username === "system:kube-controller-manager" ||
    username === `system:serviceaccount:kube-system:${CONTROLLERS[ownerKind]}`;
}

/** A static pod is shown to the API by its node's kubelet as `<pod>-<node>`. */
function isMirrorPod(entry: CriticalEntry, request: AdmissionRequest, metadata: Fields): boolean {
  if (entry.kind !== "Pod" || request.kind.kind !== "Pod" || request.kind.group !== "") return false;
  const username = request.userInfo?.username ?? "";
  if (!username.startsWith("system:node:") || !request.userInfo?.groups?.includes("system:nodes")) return false;
  const annotations = isFields(metadata.annotations) ? metadata.annotations : {};
  const isMirror = typeof annotations["kubernetes.io/config.mirror"] === "string";
  return isMirror && (request.name || metadata.name) === `${entry.name}-${username.slice("system:node:".length)}`;
}
