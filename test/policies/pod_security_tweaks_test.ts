/**
 * One field of a minimal pod that satisfies every control is changed; exactly the named controls may then report,
 * from and up to the named minors, under exactly that field.
 */
import assert from "node:assert/strict";
import type { AdmissionRequest, Finding, PodSecurityVersion, Policy, Subject } from "../../src/contract.ts";
import { kit } from "../../src/core/kit.ts";
import { Malformed } from "../../src/core/malformed.ts";
import { subjectOf } from "../../src/core/subject.ts";
import { podSecurityControls } from "../../policies/pod_security.ts";
import { POLICIES } from "./policy_cases.ts";
import { findingsFor } from "../direct.ts";

type Range = readonly [first: number, last: number];
type Fails = Readonly<Record<string, Range>>;

interface Tweak {
  /** JSON Pointer from the pod (`/spec/hostPID`), or from a container when {@link Tweak.container} is set. */
  readonly field: string;
  /** Undefined removes the field. */
  readonly value: unknown;
  readonly fails: Fails;
  readonly container?: boolean;
  /** Changed beforehand, from the pod. */
  readonly given?: readonly [field: string, value: unknown];
  /** Where findings point when not at the field itself. */
  readonly path?: string;
}

const LAST = 37;
const ALWAYS: Range = [0, LAST];
const LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;
const WINDOWS = ["/spec/os", { name: "windows" }] as const;
const USER_NAMESPACE = ["/spec/hostUsers", false] as const;
const SECURITY = "/securityContext";

const pod = (field: string, value: unknown, fails: Fails, more?: Partial<Tweak>): Tweak => ({
  field,
  value,
  fails,
  ...more,
});
const container = (field: string, value: unknown, fails: Fails, more?: Partial<Tweak>): Tweak =>
  pod(field, value, fails, { container: true, ...more });
const annotation = (key: string, value: string, fails: Fails): Tweak =>
  pod(`/metadata/annotations/${key.replaceAll("/", "~1")}`, value, fails);
const sysctl = (name: string, fails: Fails): Tweak => pod("/spec/securityContext/sysctls/0/name", name, fails);

const CAPABILITIES = `${SECURITY}/capabilities`;
const ESCALATION = `${SECURITY}/allowPrivilegeEscalation`;
const SECCOMP = `${SECURITY}/seccompProfile`;
const SECCOMP_ANNOTATION = "seccomp.security.alpha.kubernetes.io";
const APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io";

const TWEAKS: readonly Tweak[] = [
  pod("/spec/hostNetwork", true, { host_namespaces: ALWAYS }),
  pod("/spec/hostPID", true, { host_namespaces: ALWAYS }),
  pod("/spec/hostIPC", true, { host_namespaces: ALWAYS }),
  pod("/spec/hostUsers", false, {}),
  container(`${SECURITY}/privileged`, true, { privileged: ALWAYS }),
  container(`${SECURITY}/privileged`, false, {}),
  container(`${CAPABILITIES}/add`, ["NET_RAW"], { capabilities_baseline: ALWAYS, capabilities_restricted: [22, LAST] }),
  container(`${CAPABILITIES}/add`, ["CHOWN"], { capabilities_restricted: [22, LAST] }),
  container(`${CAPABILITIES}/add`, ["NET_BIND_SERVICE"], {}),
  container(`${CAPABILITIES}/drop`, undefined, { capabilities_restricted: [22, LAST] }),
  container(`${CAPABILITIES}/drop`, ["NET_RAW"], { capabilities_restricted: [22, LAST] }),
  container(`${CAPABILITIES}/drop`, undefined, { capabilities_restricted: [22, 24] }, { given: WINDOWS }),
  container(`${CAPABILITIES}/add`, ["NET_RAW"], { capabilities_baseline: ALWAYS, capabilities_restricted: [22, 24] }, {
    given: WINDOWS,
  }),
  pod("/spec/volumes/0/hostPath", {}, { host_path_volumes: ALWAYS, restricted_volumes: ALWAYS }),
  pod("/spec/volumes/0/nfs", {}, { restricted_volumes: ALWAYS }),
  pod("/spec/volumes/0/gitRepo", {}, { restricted_volumes: ALWAYS }),
  pod("/spec/volumes/0/emptyDir", {}, {}),
  pod("/spec/volumes/0/image", {}, {}),
  pod("/spec/volumes/0/name", "tmp", {}),
  container("/ports/0/hostPort", 8080, { host_ports: ALWAYS }),
  container("/ports/0/hostPort", 0, {}),
  annotation(`${APP_ARMOR_ANNOTATION}/containers`, "unconfined", { app_armor_profile: ALWAYS }),
  annotation(`${APP_ARMOR_ANNOTATION}/containers`, "localhost/strict", {}),
  pod("/spec/securityContext/appArmorProfile/type", "Unconfined", { app_armor_profile: ALWAYS }),
  container(`${SECURITY}/appArmorProfile/type`, "Unconfined", { app_armor_profile: ALWAYS }),
  container(`${SECURITY}/appArmorProfile/type`, "Localhost", {}),
  pod("/spec/securityContext/seLinuxOptions/type", "spc_t", { se_linux_options: ALWAYS }),
  container(`${SECURITY}/seLinuxOptions/type`, "container_engine_t", { se_linux_options: [0, 30] }),
  container(`${SECURITY}/seLinuxOptions/type`, "container_t", {}),
  container(`${SECURITY}/seLinuxOptions/user`, "system_u", { se_linux_options: ALWAYS }),
  container(`${SECURITY}/seLinuxOptions/role`, "system_r", { se_linux_options: ALWAYS }),
  container(`${SECURITY}/procMount`, "Unmasked", { proc_mount: ALWAYS, proc_mount_restricted: [35, LAST] }),
  container(`${SECURITY}/procMount`, "Unmasked", { proc_mount: [0, 34], proc_mount_restricted: [35, LAST] }, {
    given: USER_NAMESPACE,
  }),
  container(`${SECURITY}/procMount`, "Default", {}),
  annotation(`${SECCOMP_ANNOTATION}/pod`, "unconfined", { seccomp_profile_baseline: [0, 18] }),
  annotation(`container.${SECCOMP_ANNOTATION}/containers`, "unconfined", { seccomp_profile_baseline: [0, 18] }),
  annotation(`container.${SECCOMP_ANNOTATION}/nobody`, "unconfined", {}),
  annotation(`${SECCOMP_ANNOTATION}/pod`, "docker/default", {}),
  container(`${SECCOMP}/type`, "Unconfined", {
    seccomp_profile_baseline: [19, LAST],
    seccomp_profile_restricted: [19, LAST],
  }),
  pod(`/spec${SECCOMP}/type`, "Unconfined", {
    seccomp_profile_baseline: [19, LAST],
    seccomp_profile_restricted: [19, LAST],
  }),
  container(SECCOMP, undefined, { seccomp_profile_restricted: [19, LAST] }, { path: `${SECCOMP}/type` }),
  container(SECCOMP, undefined, { seccomp_profile_restricted: [19, 24] }, {
    given: WINDOWS,
    path: `${SECCOMP}/type`,
  }),
  container(SECCOMP, undefined, {}, { given: [`/spec${SECCOMP}`, { type: "RuntimeDefault" }] }),
  sysctl("kernel.shm_rmid_forced", {}),
  sysctl("net.ipv4.ip_local_port_range", {}),
  sysctl("net.ipv4.tcp_syncookies", {}),
  sysctl("net.ipv4.ping_group_range", {}),
  sysctl("net.ipv4.ip_unprivileged_port_start", {}),
  sysctl("net.ipv4.ip_local_reserved_ports", { sysctls: [0, 26] }),
  sysctl("net.ipv4.tcp_keepalive_time", { sysctls: [0, 28] }),
  sysctl("net.ipv4.tcp_fin_timeout", { sysctls: [0, 28] }),
  sysctl("net.ipv4.tcp_keepalive_intvl", { sysctls: [0, 28] }),
  sysctl("net.ipv4.tcp_keepalive_probes", { sysctls: [0, 28] }),
  sysctl("net.ipv4.tcp_rmem", { sysctls: [0, 31] }),
  sysctl("net.ipv4.tcp_wmem", { sysctls: [0, 31] }),
  sysctl("net.ipv4.tcp_slow_start_after_idle", { sysctls: [0, 36] }),
  sysctl("net.ipv4.tcp_notsent_lowat", { sysctls: [0, 36] }),
  sysctl("kernel.msgmax", { sysctls: ALWAYS }),
  pod("/spec/securityContext/windowsOptions/hostProcess", true, { windows_host_process: ALWAYS }),
  container(`${SECURITY}/windowsOptions/hostProcess`, true, { windows_host_process: ALWAYS }),
  ...["livenessProbe", "readinessProbe", "startupProbe", "lifecycle/postStart", "lifecycle/preStop"].flatMap((
    handler,
  ) =>
    ["httpGet", "tcpSocket"].map((action) =>
      container(`/${handler}/${action}/host`, "127.0.0.1", { host_probes_and_host_lifecycle: [34, LAST] })
    )
  ),
  container("/livenessProbe/httpGet/port", 8080, {}),
  container(ESCALATION, true, { allow_privilege_escalation: [8, LAST] }),
  container(ESCALATION, undefined, { allow_privilege_escalation: [8, LAST] }),
  container(ESCALATION, undefined, { allow_privilege_escalation: [8, 24] }, { given: WINDOWS }),
  container(`${SECURITY}/runAsNonRoot`, false, { run_as_non_root: ALWAYS }),
  container(`${SECURITY}/runAsNonRoot`, undefined, { run_as_non_root: ALWAYS }),
  container(`${SECURITY}/runAsNonRoot`, undefined, {}, { given: ["/spec/securityContext/runAsNonRoot", true] }),
  container(`${SECURITY}/runAsNonRoot`, false, { run_as_non_root: [0, 34] }, { given: USER_NAMESPACE }),
  pod("/spec/securityContext/runAsNonRoot", false, { run_as_non_root: ALWAYS }),
  pod("/spec/securityContext/runAsUser", 0, { run_as_user: [23, LAST] }),
  container(`${SECURITY}/runAsUser`, 0, { run_as_user: [23, LAST] }),
  container(`${SECURITY}/runAsUser`, 0, { run_as_user: [23, 34] }, { given: USER_NAMESPACE }),
  container(`${SECURITY}/runAsUser`, 1000, {}),
];

const KINDS = [
  { apiVersion: "v1", group: "", kind: "Pod", prefix: "" },
  { apiVersion: "apps/v1", group: "apps", kind: "Deployment", prefix: "/spec/template" },
] as const;

const policies: Policy<PodSecurityVersion>[] = [];
for (const { name } of podSecurityControls) {
  policies.push((await import(new URL(`${name}/policy.ts`, POLICIES).href)).default(kit));
}

for (const kind of KINDS) {
  Deno.test(`a minimal ${kind.kind} satisfies every control at every version`, () => {
    for (let minor = 0; minor <= LAST; minor++) assert.deepEqual(failing(subject(minimal(), kind), minor), {});
  });
}

for (const tweak of TWEAKS) {
  const given = tweak.given ? ` given ${JSON.stringify(tweak.given)}` : "";
  const where = tweak.container ? "container" : "pod";
  Deno.test(`a ${where} with ${tweak.field} ${JSON.stringify(tweak.value)}${given} fails what it should`, () => {
    for (const kind of KINDS) {
      for (const at of tweak.container ? LISTS.map((list) => `/spec/${list}/0`) : [""]) {
        const judged = minimal();
        if (tweak.given) put(judged, tweak.given[0], tweak.given[1]);
        put(judged, at + tweak.field, tweak.value);
        const path = `${kind.prefix}${at}${tweak.path ?? tweak.field}`;
        for (let minor = 0; minor <= LAST; minor++) {
          assert.deepEqual(failing(subject(judged, kind), minor), expected(tweak.fails, { path, minor }), `1.${minor}`);
        }
      }
    }
  });
}

Deno.test("every control is failed by a tweak", () => {
  const failed = new Set(TWEAKS.flatMap(({ fails }) => Object.keys(fails)));
  assert.deepEqual([...failed].toSorted(), podSecurityControls.map(({ name }) => name).toSorted());
});

Deno.test("every control's first version is the one of the table", () => {
  for (const { name, since } of podSecurityControls) {
    const first = Math.min(...TWEAKS.flatMap(({ fails }) => fails[name]?.[0] ?? []));
    assert.equal(first, since, name);
  }
});

Deno.test("a wrong shape anywhere is judged or malformed, and never a crash", () => {
  const junk = [null, true, 0, 1.5, "x", [], [null], ["x"], [[]], {}, { x: 1 }];
  const pointers = new Set(
    TWEAKS.flatMap(({ field, container }) => prefixes(container ? `/spec/containers/0${field}` : field)),
  );
  for (const pointer of pointers) {
    for (const value of junk) {
      const judged = minimal();
      put(judged, pointer, value);
      for (const policy of policies) assertAnswers(policy, subject(judged, KINDS[0]));
    }
  }
});

function assertAnswers(policy: Policy<PodSecurityVersion>, judged: Subject): void {
  for (const minor of [0, LAST]) {
    try {
      findingsFor(policy, judged, { minor });
    } catch (error) {
      assert.ok(error instanceof Malformed, `${policy.name}: ${error}`);
    }
  }
}

function minimal(): Record<string, unknown> {
  const containers = LISTS.map((list) => [list, [{
    name: list,
    image: "registry.example.com/app:1",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
  }]]);
  return { metadata: { name: "web", namespace: "payments" }, spec: Object.fromEntries(containers) };
}

function subject(judged: Record<string, unknown>, { apiVersion, group, kind, prefix }: typeof KINDS[number]): Subject {
  const object = prefix === "" ? { apiVersion, kind, ...judged } : { apiVersion, kind, spec: { template: judged } };
  const resource = { group, version: "v1", resource: `${kind.toLowerCase()}s` };
  const request: AdmissionRequest = {
    uid: "1",
    kind: { group, version: "v1", kind },
    resource,
    operation: "CREATE",
    object,
  };
  return subjectOf(request);
}

/** The paths that each control complains of. */
function failing(judged: Subject, minor: number): Record<string, string[]> {
  const findings = policies.map((policy) => [policy.name, findingsFor(policy, judged, { minor })] as const);
  return Object.fromEntries(
    findings.filter(([, { length }]) => length > 0).map(([name, reported]) => [name, reported.map(pathOf)]),
  );
}

function pathOf({ path }: Finding): string {
  return path ?? "no path";
}

function expected(fails: Fails, { path, minor }: { path: string; minor: number }): Record<string, string[]> {
  const active = Object.entries(fails).filter(([, [first, last]]) => first <= minor && minor <= last);
  return Object.fromEntries(active.map(([name]) => [name, [path]]));
}

/** Sets or removes what a JSON Pointer names; missing parents are made, lists before an index. */
function put(root: Record<string, unknown>, pointer: string, value: unknown): void {
  const tokens = pointer.slice(1).split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = tokens.pop()!;
  let holder = root;
  tokens.forEach((token, index) => {
    holder = (holder[token] ??= /^\d+$/.test(tokens[index + 1] ?? last) ? [] : {}) as Record<string, unknown>;
  });
  if (value === undefined) delete holder[last];
  else holder[last] = value;
}

function prefixes(pointer: string): string[] {
  const tokens = pointer.split("/");
  return tokens.slice(1).map((_, index) => tokens.slice(0, index + 2).join("/"));
}
