/** The text of a policy module. `body` is its `validate`, in which `deny(message)` is a violation. */
export function policyText(name: string, body: string): string {
  return `
const deny = (message) => [{ rule: "deny_${name}", message, path: "/spec" }];
export default (kit) => ({
  name: "${name}",
  metadata: { title: "t", description: "d", severity: "low", controls: [], remediation: "r" },
  match: kit.pods,
  rules: ["deny_${name}"],
  validate({ object }) { ${body} },
});
`;
}

/** A policy that takes so long for each pod, and finds nothing. */
export function slowText(name: string, milliseconds: number): string {
  return policyText(name, `const end = Date.now() + ${milliseconds}; while (Date.now() < end); return [];`);
}

/** A config with these policies at stage deny; `more` are further keys, as YAML. */
export function denying(uses: readonly string[], more = ""): string {
  return `environment: prod
policies: [${uses.map((use) => `{ use: ${use} }`).join(", ")}]
stages: { prod: { default: { validate: deny } } }
${more}`;
}
