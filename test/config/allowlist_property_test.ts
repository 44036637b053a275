import assert from "node:assert/strict";
import fc from "fast-check";
import { compileAllowlist } from "../../src/config/allowlist.ts";
import { excuseOf } from "../../src/core/exempt.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { goodPod, requestOf } from "../request_fixture.ts";

const ENVIRONMENTS = ["prod", "dev"];
const POLICIES = ["host_network", "constructor"];
const NAMESPACES = ["edge", "__proto__", "toString"];
const CONTAINERS = ["app", "sidecar", "constructor", "__proto__", "debugger"];
const INJECTED = new Set(["sidecar", "debugger"]);

type Exception = readonly [environment: string, policy: string, namespace: string, container: string];
/** What one document lists: a list of containers or a map of them. */
type Document = { readonly exceptions: readonly Exception[]; readonly asMaps: boolean };

const exception = fc.tuple(
  fc.constantFrom(...ENVIRONMENTS),
  fc.constantFrom(...POLICIES),
  fc.constantFrom(...NAMESPACES),
  fc.constantFrom(...CONTAINERS, "*"),
);
const documents = fc.array(
  fc.record({ exceptions: fc.array(exception, { maxLength: 12 }), asMaps: fc.boolean() }),
  { maxLength: 4 },
);
const pod = fc.record({
  containers: fc.uniqueArray(fc.constantFrom(...CONTAINERS), { minLength: 1, maxLength: 3 }),
  initContainers: fc.uniqueArray(fc.constantFrom(...CONTAINERS), { maxLength: 2 }),
  ephemeralContainers: fc.uniqueArray(fc.constantFrom(...CONTAINERS), { maxLength: 2 }),
});

Deno.test("a compiled allowlist holds exactly the exceptions that any of its documents lists", () => {
  fc.assert(fc.property(documents, fc.constantFrom(...ENVIRONMENTS), (given, environment) => {
    const { allowlist } = compile(given, environment);
    for (const [policy, namespace, container] of places()) {
      const id = `${environment}/${policy}/${namespace}/${container}`;
      const expected = isListed(given, [environment, policy, namespace, container]) ? id : undefined;
      assert.equal(allowlist.get(policy)?.get(namespace)?.get(container), expected, id);
    }
    const own = given.flatMap(({ exceptions }) => exceptions).filter(([name]) => name === environment);
    assert.equal(idsOf(allowlist).length, new Set(own.map((names) => names.join("/"))).size, "names of nowhere");
  }));
});

Deno.test("the order of documents, and how exceptions are spread over them, does not matter", () => {
  const shuffled = documents.chain((given) =>
    fc.tuple(
      fc.constant(given),
      fc.shuffledSubarray(given, { minLength: given.length }),
      fc.shuffledSubarray(given.flatMap(({ exceptions }) => exceptions), {
        minLength: given.flatMap(({ exceptions }) => exceptions).length,
      }),
    )
  );
  fc.assert(fc.property(shuffled, ([given, reordered, exceptions]) => {
    const { allowlist } = compile(given, "prod");
    assert.equal(textOf(compile(reordered, "prod").allowlist), textOf(allowlist));
    assert.equal(textOf(compile([{ exceptions, asMaps: false }], "prod").allowlist), textOf(allowlist));
  }));
});

Deno.test("a container is excused by its own name or the wildcard, and by nothing else", () => {
  fc.assert(fc.property(documents, pod, (given, lists) => {
    const exceptions = { allowlist: compile(given, "prod").allowlist, injectedContainers: INJECTED };
    for (const [policy, namespace, container] of places()) {
      if (container === "*") continue;
      const excuse = excuseOf({ policy, container, subject: subjectIn(namespace, lists) }, exceptions);
      const ids = ["*", container].filter((name) => isListed(given, ["prod", policy, namespace, name]))
        .map((name) => `prod/${policy}/${namespace}/${name}`);
      assert.equal(excuse, ids[0] ?? null);
    }
  }));
});

Deno.test("a pod is excused when each container that counts is listed, or the wildcard is", () => {
  fc.assert(fc.property(documents, pod, (given, lists) => {
    const exceptions = { allowlist: compile(given, "prod").allowlist, injectedContainers: INJECTED };
    const lasting = [...lists.initContainers, ...lists.containers];
    const own = lasting.filter((name) => !INJECTED.has(name));
    for (const policy of POLICIES) {
      for (const namespace of NAMESPACES) {
        const listed = (container: string) => isListed(given, ["prod", policy, namespace, container]);
        const isExcused = listed("*") || (own.length > 0 ? own : lasting).every(listed);
        const subject = subjectIn(namespace, lists);
        assert.equal(excuseOf({ policy, container: undefined, subject }, exceptions) !== null, isExcused);
      }
    }
  }));
});

Deno.test("an empty allowlist excuses nothing", () => {
  fc.assert(fc.property(pod, fc.option(fc.constantFrom(...CONTAINERS, "*", "")), (lists, container) => {
    const exceptions = { allowlist: compile([], "prod").allowlist, injectedContainers: INJECTED };
    const subject = subjectIn("edge", lists);
    for (const policy of POLICIES) {
      assert.equal(excuseOf({ policy, container: container ?? undefined, subject }, exceptions), null);
    }
  }));
});

/** The model: a list that is searched from end to end. */
function isListed(given: readonly Document[], names: Exception): boolean {
  return given.some(({ exceptions }) =>
    exceptions.some((entry) => entry.every((name, index) => name === names[index]))
  );
}

function* places(): Generator<[string, string, string]> {
  for (const policy of POLICIES) {
    for (const namespace of NAMESPACES) {
      for (const container of [...CONTAINERS, "*"]) yield [policy, namespace, container];
    }
  }
}

function compile(given: readonly Document[], environment: string) {
  const texts = given.map((document, index) => ({ source: `${index}.yaml`, text: textOfDocument(document) }));
  return compileAllowlist(texts, { environment, policies: null });
}

/** JSON text by hand: an object literal would lose `__proto__`. */
function textOfDocument({ exceptions, asMaps }: Document): string {
  const level = (entries: readonly (readonly string[])[]): string => {
    const names = [...new Set(entries.map(([name]) => name))];
    const isLast = entries.every((entry) => entry.length === 1);
    if (isLast && !asMaps) return JSON.stringify(entries.map(([name]) => name));
    const valueOf = (name: string) =>
      isLast ? "true" : level(entries.filter(([first]) => first === name).map((entry) => entry.slice(1)));
    return `{${names.map((name) => `${JSON.stringify(name)}: ${valueOf(name)}`).join(", ")}}`;
  };
  return exceptions.length === 0 ? "" : level(exceptions);
}

function idsOf(allowlist: ReturnType<typeof compile>["allowlist"]): string[] {
  return [...allowlist.values()].flatMap((namespaces) => [...namespaces.values()].flatMap((ids) => [...ids.values()]));
}

/** Everything in it, in its order. */
function textOf(allowlist: ReturnType<typeof compile>["allowlist"]): string {
  return JSON.stringify([...allowlist].map(([policy, namespaces]) => [
    policy,
    [...namespaces].map(([namespace, containers]) => [namespace, [...containers]]),
  ]));
}

function subjectIn(namespace: string, lists: Readonly<Record<string, readonly string[]>>) {
  const spec = Object.fromEntries(
    Object.entries(lists).map(([list, names]) => [list, names.map((name) => ({ name }))]),
  );
  return subjectOf(requestOf(goodPod(spec), { namespace }));
}
