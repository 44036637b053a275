import type { AdmissionRequest, Fields, Operation } from "./contract.ts";
import { isFields } from "./core/malformed.ts";

/** Who asks for what, where a manifest is judged as if it were applied. */
export interface Caller {
  readonly operation: Operation;
  readonly username: string;
  readonly groups: readonly string[];
}

const CLUSTER_SCOPED = new Set([
  "Namespace",
  "Node",
  "PersistentVolume",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "StorageClass",
  "PriorityClass",
  "RuntimeClass",
  "IngressClass",
  "APIService",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
]);

/** The request that an API server would have sent for an object. Its uid says that none did. */
export function requestFor(object: Fields, caller: Caller): AdmissionRequest {
  const [group, version] = splitApiVersion(String(object.apiVersion));
  const kind = String(object.kind);
  const metadata = isFields(object.metadata) ? object.metadata : {};
  const name = typeof metadata.name === "string" ? metadata.name : undefined;
  const own = typeof metadata.namespace === "string" ? metadata.namespace : undefined;
  const namespace = kind === "Namespace" ? name : own ?? (CLUSTER_SCOPED.has(kind) ? undefined : "default");
  return {
    uid: "not-sent-by-an-api-server",
    kind: { group, version, kind },
    resource: { group, version, resource: pluralOf(kind) },
    name,
    namespace,
    operation: caller.operation,
    userInfo: { username: caller.username, groups: caller.groups },
    object: caller.operation === "DELETE" ? null : object,
    oldObject: caller.operation === "DELETE" ? object : null,
    dryRun: true,
  };
}

function splitApiVersion(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

/** Resource names of the built-in kinds follow these rules; nothing shipped reads the name of a custom one. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === "endpoints") return lower;
  if (/(s|x|ch|sh)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
