import * as v from "valibot";
import { listOf, mapOf, refusing } from "./shapes.ts";

const GROUPS_OF_EVERYBODY: Record<string, string> = {
  "system:authenticated": "everybody who logs in is in this one",
  "system:unauthenticated": "everybody who does not log in is in this one",
};

/** They make the pods of everybody: with one of them excused, nothing is judged any more. */
const POD_MAKERS = [
  "system:kube-controller-manager",
  ...["deployment", "replicaset", "statefulset", "daemon-set", "job", "cronjob", "replication"]
    .map((kind) => `system:serviceaccount:kube-system:${kind}-controller`),
];

const KUBE_SYSTEM_ACCOUNTS = "system:serviceaccount:kube-system:";

const CONTROL_PLANE = ["system:kube-controller-manager", "system:kube-scheduler", "system:node:", "system:apiserver"];

/** So that no longer name part can match by accident: `ops-` is one, `ops` would match `opsec`. */
const PREFIX_ENDS = [":", "/", "-", "@", "."];

function refusedUser(user: string): string | null {
  if (user === "") return "a user name";
  if (user === "system:anonymous") return "a user name (this is everybody who does not log in)";
  if (POD_MAKERS.includes(user)) return "a user name of an operator (this account makes the pods of everybody)";
  return null;
}

function refusedGroup(group: string): string | null {
  if (group === "") return "a group name";
  if (Object.hasOwn(GROUPS_OF_EVERYBODY, group)) return `a group of operators (${GROUPS_OF_EVERYBODY[group]})`;
  if (group.startsWith("system:serviceaccounts")) return "a group of operators (this one is of workloads' accounts)";
  return null;
}

function refusedPrefix(prefix: string): string | null {
  if (prefix === "") return "a prefix of user names (every name begins with the empty one)";
  if (prefix.includes("*")) return "a literal prefix, without *";
  if (!PREFIX_ENDS.some((end) => prefix.endsWith(end))) {
    return `a prefix that ends in one of ${PREFIX_ENDS.join(" ")} (else it matches longer names too)`;
  }
  if (overlaps(prefix, KUBE_SYSTEM_ACCOUNTS)) {
    return `a prefix that matches no ${KUBE_SYSTEM_ACCOUNTS} name (controllers there make the pods of everybody)`;
  }
  const identity = CONTROL_PLANE.find((name) => overlaps(prefix, name));
  return identity ? `a prefix that does not match ${identity} (it belongs to the control plane)` : null;
}

function overlaps(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

export const breakglassSchema = mapOf({
  users: v.optional(
    v.pipe(
      listOf(v.pipe(v.string("a user name"), refusing(refusedUser))),
      v.description("User names, exact."),
    ),
    [],
  ),
  groups: v.optional(
    v.pipe(
      listOf(v.pipe(v.string("a group name"), refusing(refusedGroup))),
      v.description("Groups, exact. A group that everybody or every service account is in is refused."),
    ),
    [],
  ),
  usernamePrefixes: v.optional(
    v.pipe(
      listOf(v.pipe(v.string("a prefix of user names"), refusing(refusedPrefix))),
      v.description(
        "Literal prefixes of user names, such as system:serviceaccount:flux-system: (all accounts of one namespace). " +
          "Each ends in one of : / - @ . and matches no account of kube-system and no control plane identity.",
      ),
    ),
    [],
  ),
});
