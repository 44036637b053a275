import { type Listed, readAllowlist } from "./allowlist_document.ts";
import type { AllowlistDocument } from "../contract.ts";
import type { Allowlist } from "../core/exempt.ts";
import { acceptedNames, ConfigError, foundValue } from "../errors.ts";

/**
 * Merges documents into the exceptions of one environment. Throws ConfigError with every mistake in their structure.
 * What excuses less than its author may think is a notice: a stale exception widens nothing, so it stops nothing.
 */
export function compileAllowlist(
  documents: readonly AllowlistDocument[],
  { environment, policies }: { environment: string | undefined; policies: readonly string[] | null },
): { allowlist: Allowlist; notices: string[] } {
  const read = documents.map(readAllowlist);
  const issues = read.flatMap((document) => document.issues);
  if (issues.length > 0) throw new ConfigError(issues[0].file, issues);
  const listed = read.flatMap((document) => document.listed);
  const notices = [
    ...(environment === undefined ? unusedNotice(listed) : []),
    ...(policies === null ? [] : unknownPolicyNotices(listed, policies)),
    ...duplicateNotices(listed),
  ];
  return { allowlist: merge(listed.filter((exception) => exception.environment === environment)), notices };
}

function exceptionId({ environment, policy, namespace, container }: Listed): string {
  return `${environment}/${policy}/${namespace}/${container}`;
}

/** Sorted, so that the same exceptions give the same maps however they are spread over documents. */
function merge(listed: readonly Listed[]): Allowlist {
  const allowlist = new Map<string, Map<string, Map<string, string>>>();
  for (const exception of listed.toSorted(byNames)) {
    const { policy, namespace, container } = exception;
    const namespaces = allowlist.get(policy) ?? new Map<string, Map<string, string>>();
    const containers = namespaces.get(namespace) ?? new Map<string, string>();
    allowlist.set(policy, namespaces.set(namespace, containers.set(container, exceptionId(exception))));
  }
  return allowlist;
}

function byNames(a: Listed, b: Listed): number {
  return compare(a.policy, b.policy) || compare(a.namespace, b.namespace) || compare(a.container, b.container);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function unusedNotice(listed: readonly Listed[]): string[] {
  const environments = [...new Set(listed.map(({ environment }) => environment))].toSorted();
  return environments.length === 0
    ? []
    : [`no environment is set: the exceptions of ${environments.join(", ")} are not used`];
}

function unknownPolicyNotices(listed: readonly Listed[], policies: readonly string[]): string[] {
  const unknown = listed.filter(({ policy }) => !policies.includes(policy));
  const notices = unknown.map(({ policy, source, path, locate }) => {
    const place = placeOf({ source, locate, path: path.slice(0, 2) });
    return `${place}: found unknown policy ${foundValue(policy)}, which excuses nothing, accepted ${
      acceptedNames(policy, policies)
    }`;
  });
  return [...new Set(notices)];
}

function duplicateNotices(listed: readonly Listed[]): string[] {
  const first = new Map<string, Listed>();
  const notices: string[] = [];
  for (const exception of listed) {
    const { environment, policy, namespace, container } = exception;
    const key = JSON.stringify([environment, policy, namespace, container]);
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, exception);
    else notices.push(`${placeOf(exception)}: ${exceptionId(exception)} is listed already at ${placeOf(earlier)}`);
  }
  return notices;
}

function placeOf({ source, path, locate }: Pick<Listed, "source" | "path" | "locate">): string {
  const { line, column } = locate(path, "key");
  return `${source}:${line}:${column}`;
}
