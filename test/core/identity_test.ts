import assert from "node:assert/strict";
import fc from "fast-check";
import type { AdmissionRequest } from "../../src/contract.ts";
import { bypassOf } from "../../src/core/bypass.ts";
import { engineOf } from "../engine_fixture.ts";
import { goodPod, requestOf } from "../request_fixture.ts";

const USER = "root@example.com";
const GROUP = "sre";
const PREFIX = "system:serviceaccount:flux:";
const engine = engineOf({ breakglass: { users: [USER], groups: [GROUP], usernamePrefixes: [PREFIX] } });

function isBreakglass(userInfo: AdmissionRequest["userInfo"]): boolean {
  return bypassOf(requestOf(goodPod(), { userInfo }), engine) !== null;
}

/** Names that a person could take for this one, and that it is not. */
function lookAlikes(name: string): string[] {
  const places = Array.from({ length: name.length + 1 }, (_, i) => i);
  const marks = [" ", "\u0000", "\u200b", "\u202e", "\u00a0", "\n", "%00", "."];
  return [
    name.toUpperCase(),
    name[0].toUpperCase() + name.slice(1),
    name.replaceAll("o", "\u043e").replaceAll("e", "\u0435"), // Cyrillic
    name.replace(/[ -~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)), // full-width
    name.slice(0, -1),
    name.slice(1),
    `${name}${name}`,
    ...places.flatMap((at) => marks.map((mark) => name.slice(0, at) + mark + name.slice(at))),
  ].filter((other) => other !== name);
}

Deno.test("A23: a user or group is exactly the one that is listed, and no look-alike of it", () => {
  assert.ok(isBreakglass({ username: USER }) && isBreakglass({ username: "a", groups: ["b", GROUP] }));
  for (const other of lookAlikes(USER)) assert.ok(!isBreakglass({ username: other, groups: [USER, other] }), other);
  for (const other of lookAlikes(GROUP)) assert.ok(!isBreakglass({ username: GROUP, groups: [other] }), other);
});

Deno.test("A23: a prefix is of service accounts of that namespace, and of no account built of other parts", () => {
  assert.ok(isBreakglass({ username: `${PREFIX}kustomize` }));
  const others = [
    "system:serviceaccount:flux",
    "system:serviceaccount:flux2:kustomize",
    "system:serviceaccount:a:flux:kustomize",
    "system:serviceaccounts:flux:kustomize",
    " system:serviceaccount:flux:kustomize",
    "x:system:serviceaccount:flux:kustomize",
    "System:ServiceAccount:flux:kustomize",
    "system:serviceaccount:flu\u0445:kustomize",
    "system:serviceaccount:\u200bflux:kustomize",
  ];
  for (const username of others) assert.ok(!isBreakglass({ username }), username);
});

Deno.test("A23: system:masters, extras and an uid of somebody's are no way past the policies", () => {
  const extra = { "breakglass.example.com/user": [USER], "authentication.kubernetes.io/groups": [GROUP] };
  const userInfo = { username: "mallory", uid: USER, groups: ["system:masters"], extra };
  assert.ok(!isBreakglass(userInfo));
});

Deno.test("A23: whatever else a user is called, only what is listed counts", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom(...lookAlikes(USER), ...lookAlikes(PREFIX)));
  fc.assert(
    fc.property(text, fc.array(text), (username, groups) => {
      const expected = username === USER || username.startsWith(PREFIX) || groups.includes(GROUP);
      assert.equal(isBreakglass({ username, groups }), expected);
    }),
    { seed: 20265, numRuns: 1000 },
  );
});
