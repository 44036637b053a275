import type { AdmissionRequest, Match, Operation } from "../contract.ts";
import type { LoadedPolicy } from "./engine.ts";

const OPERATIONS: readonly Operation[] = ["CREATE", "UPDATE"];
const SUBRESOURCES: readonly string[] = ["", "ephemeralcontainers", "resize"];

/** Loaded policies by what they match. A policy that cannot match a request is never looked at for it. */
export interface PolicyIndex {
  /** In config order. */
  readonly all: readonly LoadedPolicy[];
  /** By {@link keyOf}, each list in config order. */
  readonly wanted: ReadonlyMap<string, readonly OrderedPolicy[]>;
  readonly wildcards: boolean;
  readonly superseding: ReadonlyMap<string, readonly LoadedPolicy[]>;
}

interface OrderedPolicy {
  readonly order: number;
  readonly loaded: LoadedPolicy;
}

export function indexPolicies(all: readonly LoadedPolicy[]): PolicyIndex {
  const wanted = new Map<string, OrderedPolicy[]>();
  const superseding = new Map<string, LoadedPolicy[]>();
  let wildcards = false;
  all.forEach((loaded, order) => {
    for (const match of loaded.policy.match) {
      wildcards ||= match.group === "*" || match.kinds.includes("*");
      for (const key of keysOf(match)) append(wanted, key, { order, loaded });
    }
    for (const fact of loaded.policy.metadata.supersedes ?? []) append(superseding, fact, loaded);
  });
  return { all, wanted, wildcards, superseding };
}

function* keysOf({ group, kinds, operations = OPERATIONS, subresources = SUBRESOURCES }: Match): Generator<string> {
  for (const kind of kinds) {
    for (const operation of operations) {
      for (const subresource of subresources) yield keyOf({ group, kind }, operation, subresource);
    }
  }
}

function keyOf({ group, kind }: Kind, operation: Operation, subresource: string): string {
  return `${operation} ${group}/${kind}/${subresource}`;
}

type Kind = Pick<AdmissionRequest["kind"], "group" | "kind">;

function append<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** The policies that want a request, in config order. */
export function matching(request: AdmissionRequest, { wanted, wildcards }: PolicyIndex): LoadedPolicy[] {
  const { operation, subResource } = request;
  const policiesFor = (kind: Kind) => wanted.get(keyOf(kind, operation, subResource ?? "")) ?? [];
  const exact = policiesFor(request.kind);
  const candidates = wildcards ? withWildcards(exact, request.kind, policiesFor) : exact;
  const matched: LoadedPolicy[] = [];
  for (const { loaded } of candidates) {
    if (matched.at(-1) !== loaded) matched.push(loaded);
  }
  return matched;
}

function withWildcards(
  exact: readonly OrderedPolicy[],
  { group, kind }: Kind,
  policiesFor: (kind: Kind) => readonly OrderedPolicy[],
): OrderedPolicy[] {
  const any = [{ group, kind: "*" }, { group: "*", kind }, { group: "*", kind: "*" }];
  return [...exact, ...any.flatMap(policiesFor)].sort((a, b) => a.order - b.order);
}
