export const FIXTURES = new URL("../../test/fixtures/", import.meta.url).pathname;

/** TypeScript, of which the binary strips the types itself. */
const DISK_POLICY = `import type { PolicyFactory } from "kube-policies/contract";

interface Named { readonly metadata?: { readonly name?: string } }

const policy: PolicyFactory = (kit) => ({
  name: "disk",
  metadata: { title: "t", description: "d", severity: "low", controls: [], remediation: "r" },
  match: kit.pods,
  rules: ["deny_by_name"],
  validate({ object }) {
    const { name } = (object as Named).metadata ?? {};
    if (name === "greedy") { const all: number[][] = []; for (;;) all.push(new Array<number>(1e5).fill(all.length)); }
    return name === "bad" ? [{ rule: "deny_by_name", message: \`no \${name satisfies string}\` }] : [];
  },
});

export default policy;
`;

const CONFIG = `environment: prod
policies:
  - use: platform
  - use: pod-security
    options: { level: restricted }
  - use: ./disk.ts
  - use: ${FIXTURES}rego/forms/image_tags.tar.gz
stages: { prod: { default: { validate: deny, mutate: patch } } }
serve: { drainSeconds: 0 }
`;

/** A config and what it names: shipped policies, one of TypeScript on disk, and a bundle of Rego. */
export const FILES = { "kp.yaml": CONFIG, "disk.ts": DISK_POLICY };
