import type { Container, Context, Subject } from "../contract.ts";
import { deepFreeze } from "./freeze.ts";
import { readPod } from "./subject.ts";

/** Every exception of one environment: policy, namespace, container -> the exception's id. `*` is any container. */
export type Allowlist = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string>>>;

/** What policies are told of the environment and its exceptions. */
export function contextOf(environment: string, allowlist: Allowlist): Context {
  const policies = fromEntries([...allowlist].map(([policy, namespaces]) => [
    policy,
    fromEntries([...namespaces].map(([namespace, containers]) => [
      namespace,
      fromEntries([...containers.keys()].map((container) => [container, container])),
    ])),
  ]));
  const context: Context = { environment, allowlist: environment === "" ? {} : { [environment]: policies } };
  deepFreeze(context);
  return context;
}

/** `Object.fromEntries` makes a plain key even of `__proto__`. */
const { fromEntries } = Object;

export interface Exceptions {
  readonly allowlist: Allowlist;
  readonly injectedContainers: ReadonlySet<string>;
}

/**
 * The id of the exception that excuses what a policy reports about a container, or about the pod as a whole when
 * `container` is undefined; null when none does.
 */
export function excuseOf(
  { policy, container, subject }: { policy: string; container: string | undefined; subject: Subject },
  { allowlist, injectedContainers }: Exceptions,
): string | null {
  const listed = allowlist.get(policy)?.get(subject.request.namespace ?? "");
  if (listed === undefined) return null;
  const wildcard = listed.get("*");
  if (wildcard !== undefined) return wildcard;
  if (container !== undefined) return listed.get(container) ?? null;
  return excuseOfPod(listed, { containers: readPod(subject)?.containers ?? [], injectedContainers });
}

/**
 * The strictest reading: every container has to be listed. Ephemeral ones do not count (or debugging an excused pod
 * would be refused), and injected ones not while one of the author's own is listed.
 */
function excuseOfPod(
  listed: ReadonlyMap<string, string>,
  { containers, injectedContainers }: { containers: readonly Container[]; injectedContainers: ReadonlySet<string> },
): string | null {
  const lasting = containers.filter(({ list }) => list !== "ephemeralContainers");
  const own = lasting.filter(({ name }) => !injectedContainers.has(name));
  const needed = own.length > 0 ? own : lasting;
  const ids = needed.map(({ name }) => listed.get(name));
  if (ids.length === 0 || ids.includes(undefined)) return null;
  return [...new Set(ids)].join("+");
}
