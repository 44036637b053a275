import assert from "node:assert/strict";
import * as v from "valibot";
import imageRegistry from "../../policies/image_registry/policy.ts";
import { kit } from "../../src/core/kit.ts";

const { options: schema } = imageRegistry(kit);
const ACCEPTED = "accepted: host[:port] or host[:port]/path, such as registry.example.com/team";

const REFUSED = [
  "",
  "team",
  "team/app",
  "/team",
  "registry.example.com/",
  "registry.example.com/team/",
  "registry.example.com//team",
  "registry.example.com/team:1",
  "registry.example.com:latest",
  "registry.example.com/team@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "registry.example.com/Team",
  "https://registry.example.com",
  "*.example.com",
  "registry.example.com/*",
  "registry.example.com ",
  "registry．example．com",
];

for (const entry of REFUSED) {
  Deno.test(`image_registry refuses the entry "${entry}"`, () => {
    const { issues } = v.safeParse(schema!, { allowed: ["registry.example.com", entry] });
    assert.deepEqual(issues?.map((issue) => [v.getDotPath(issue), issue.message]), [["allowed.1", ACCEPTED]]);
  });
}

Deno.test("image_registry needs one entry or more", () => {
  const { issues } = v.safeParse(schema!, { allowed: [] });
  assert.deepEqual(issues?.map(({ message }) => message), ["accepted: one registry or more"]);
  assert.equal(v.safeParse(schema!, undefined).success, false);
  assert.equal(v.safeParse(schema!, {}).success, false);
});

Deno.test("image_registry joins the entries of one host, whatever its case", () => {
  const allowed = [
    "registry.example.com/a",
    "REGISTRY.example.com/b",
    "index.docker.io",
    "DOCKER.io/team",
    "localhost:5000/x/y",
  ];
  assert.deepEqual(
    v.parse(schema!, { allowed }),
    new Map([["registry.example.com", ["a/", "b/"]], ["docker.io", ["", "team/"]], ["localhost:5000", ["x/y/"]]]),
  );
});
