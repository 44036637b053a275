/**
 * What the author of a policy or an allowlist provider sees. Types only: nothing here exists at run time, so a
 * plugin that imports this file with `import type` has no run-time dependency on kube-policies.
 */
import type * as valibot from "valibot";

/** `request.operation` of an AdmissionReview (API field `AdmissionRequest.operation`). */
export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** A Kubernetes object or a part of one, exactly as it was sent. Deeply frozen. */
export interface Fields {
  readonly [key: string]: unknown;
}

/** `AdmissionRequest` of admission.k8s.io/v1, as the API server sent it. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: Operation;
  readonly userInfo?: { readonly username?: string; readonly groups?: readonly string[] };
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly dryRun?: boolean;
  readonly options?: unknown;
}

/** One container of a pod, wherever it is listed. */
export interface Container {
  /** Empty when the manifest gives none. */
  readonly name: string;
  readonly list: "initContainers" | "containers" | "ephemeralContainers";
  /** JSON Pointer (RFC 6901) into the object: `/spec/template/spec/containers/0`. */
  readonly path: string;
  /** The container as it was sent. */
  readonly fields: Fields;
  /** `securityContext`, `{}` when absent or null. */
  readonly securityContext: Fields;
}

/** The pod that an object is, or the one that its template makes. */
export interface Pod {
  /** JSON Pointer of the object that holds `metadata` and `spec`: empty for a Pod, `/spec/template` for a Deployment. */
  readonly path: string;
  readonly metadata: Fields;
  readonly spec: Fields;
  /** `spec.securityContext`, `{}` when absent or null. */
  readonly securityContext: Fields;
  /** Init containers, containers, ephemeral containers, in this order. */
  readonly containers: readonly Container[];
  /** `spec.os.name` is `windows`. */
  readonly windows: boolean;
}

/** What a rule judges. */
export interface Subject {
  readonly request: AdmissionRequest;
  /** `request.object` as earlier rules left it; on DELETE the object that is deleted (`request.oldObject`). */
  readonly object: Fields;
  /** `request.oldObject`, null where there is none. */
  readonly oldObject: Fields | null;
  /** Null for a kind that has no pod. Reading it throws when the object's shape is not a pod's: let it throw. */
  readonly pod: Pod | null;
  /** `<kind>/<namespace>/<name>`; a nameless object is `<generateName>*`. */
  readonly reference: string;
  /**
   * The AdmissionReview as JSON in UTF-8: the bytes that were received, or written anew where earlier rules changed the
   * object. Not to be changed.
   */
  bytes(): Uint8Array;
}

/** What rules may know besides the request. The same object until the config or an exception changes. */
export interface Context {
  /** Empty where none is set. */
  readonly environment: string;
  /** Every exception: `{ENV: {POLICY: {NAMESPACE: {CONTAINER: CONTAINER}}}}`. `*` is any container. */
  readonly allowlist: ByName<ByName<ByName<ByName<string>>>>;
}

export interface ByName<Value> {
  readonly [name: string]: Value;
}

/** What a validating rule reports. Data, never an exception. */
export interface Finding {
  /** `deny_host_network`, `ensure_no_run_as_root`: lower case, digits, underscores. */
  readonly rule: string;
  readonly message: string;
  /** The container it concerns; absent for the pod as a whole. */
  readonly container?: string;
  /** JSON Pointer (RFC 6901) of the offending field, or of where the missing one belongs. */
  readonly path?: string;
  /** Overrides the policy's own remediation. */
  readonly remediation?: string;
  /** One of the policy's `members`; default the policy itself. */
  readonly policy?: string;
  /** The strongest stage that it may have, whatever the config says. */
  readonly stage?: "monitor" | "warn" | "deny";
}

/** One RFC 6902 operation. `test`, `move` and `copy` are refused. */
export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** What a mutating rule wants. Missing parents of an `add` are created; a `path` ending in `/-` appends. */
export interface Change {
  readonly rule: string;
  /** The container it concerns; absent for the pod as a whole. */
  readonly container?: string;
  readonly operations: readonly PatchOperation[];
  /** One of the policy's `members`; default the policy itself. */
  readonly policy?: string;
  /** The strongest stage that it may have, whatever the config says. */
  readonly stage?: "dryrun" | "patch";
}

/** What a policy returns in place of a list where it has more to say. */
export interface Verdict {
  readonly findings?: readonly Finding[];
  /** Of `mutate` only. */
  readonly changes?: readonly Change[];
  /**
   * More audit annotations of the answer: keys of 1 to 63 letters, digits, `-`, `_` and `.`, which begin and end with a
   * letter or digit. A key that the answer has already gets the policy's name and a dot before it.
   */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Which requests a policy wants. `*` matches every group or kind. */
export interface Match {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kinds: readonly string[];
  /** Default `CREATE` and `UPDATE`. */
  readonly operations?: readonly Operation[];
  /** Default none (`""`), `ephemeralcontainers` and `resize`. */
  readonly subresources?: readonly string[];
}

export type Severity = "low" | "medium" | "high" | "critical";

export interface Metadata {
  /** One line, no period. */
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  /** `pss:baseline`, `cis:5.2.3`: a control that the text of the named standard holds. */
  readonly controls: readonly string[];
  /** What a developer should change. */
  readonly remediation: string;
  /** Policies, or rules as `policy/rule`, that report the same fact: where both do, only this one is heard. */
  readonly supersedes?: readonly string[];
}

/** An object, and what the policy says of it. */
export interface PolicyCase {
  readonly name: string;
  /** As a config would have them; not those of the config in use. */
  readonly options?: unknown;
  /** Default `CREATE`. */
  readonly operation?: Operation;
  readonly subresource?: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  /** `<rule>: <message>`, exact, in any order. */
  readonly violations: readonly string[];
  /** In this order, without parents that are created on the way; default none. */
  readonly patches?: readonly Pick<Change, "rule" | "container" | "operations">[];
}

/** One concern, named in snake_case. The name keys stages and allowlists. */
export interface Policy<Options = unknown> {
  readonly name: string;
  readonly metadata: Metadata;
  readonly match: readonly Match[];
  /** Every rule that `validate` and `mutate` may report under; empty where nobody knows them, as of a bundle. */
  readonly rules: readonly string[];
  /** A valibot schema for `options`; without one, options are refused. */
  readonly options?: valibot.GenericSchema<unknown, Options>;
  /**
   * What `validate` reads besides the pod's spec. An update that leaves the pod's spec and these as they were is
   * never blocked.
   */
  readonly judges?: {
    /** Prefixes of annotation keys of the pod. */
    readonly annotations?: readonly string[];
    /** JSON Pointers into the object. */
    readonly fields?: readonly string[];
  };
  /** What it has to say of these objects: `kp serve` tries them before the policy answers anybody. */
  readonly cases?: readonly PolicyCase[];
  /**
   * Other policies that it speaks for in one go, each with stages and exceptions of its own; `any` where nobody knows
   * their names before they report.
   */
  readonly members?: readonly PolicyMember[] | "any";
  /**
   * What it reports brings its stage with it, none stronger than these: the config's default does not count, and the
   * policy's own entry caps it.
   */
  readonly selfStaged?: {
    readonly validate: "off" | "monitor" | "warn" | "deny";
    readonly mutate: "off" | "dryrun" | "patch";
  };
  /** `mutate` may find, too: it is asked about every request that matches, not only about those it may change. */
  readonly refuses?: boolean;
  /** Synchronous and pure. What it throws is a failure of this policy alone. */
  validate?(subject: Subject, options: Options, context: Context): readonly Finding[] | Verdict;
  /** Synchronous and pure, called on Pod CREATE, for new ephemeral containers, and on a scratch copy of templates. */
  mutate?(subject: Subject, options: Options, context: Context): readonly Change[] | Verdict;
}

/** A policy that another speaks for. */
export interface PolicyMember {
  readonly name: string;
  readonly remediation?: string;
}

/** A container image reference, as the container runtime reads it. */
export interface Image {
  /** `docker.io` where the text names none; port included. */
  readonly registry: string;
  /** `library/nginx`. */
  readonly repository: string;
  readonly tag: string | null;
  /** `sha256:...`. */
  readonly digest: string | null;
}

/** A version of the Pod Security Standards: `minor` of Kubernetes 1.x, the newest known for `latest`. */
export interface PodSecurityVersion {
  readonly minor: number;
}

/** Everything a policy may need at run time; a policy imports nothing. */
export interface Kit {
  readonly v: typeof valibot;
  /** Pods and every built-in kind that holds a pod template. */
  readonly pods: readonly Match[];
  /** Schema for `{ version: v1.0 ... latest }`, default `latest`. */
  readonly podSecurityVersion: valibot.GenericSchema<unknown, PodSecurityVersion>;
  /** `Pod <kind>/<namespace>/<name> <predicate>.` */
  podMessage(subject: Subject, predicate: string): string;
  /** `Resource <kind>/<namespace>/<name> (container=<container>) <predicate>.` */
  containerMessage(subject: Subject, container: Container, predicate: string): string;
  /** An object as it is, `{}` for null and undefined. Throws for anything else. */
  fields(value: unknown, path: string): Fields;
  /** A list as it is, `[]` for null and undefined. Throws for anything else. */
  list(value: unknown, path: string): readonly unknown[];
  /** One token of a JSON Pointer (RFC 6901): `~` and `/` escaped. */
  pointerToken(key: string): string;
  /** Null when the text is not a valid reference (distribution/reference grammar). */
  parseImage(text: string): Image | null;
}

/** A policy module's default export. */
// deno-lint-ignore no-explicit-any
export type PolicyFactory = (kit: Kit) => Policy<any>;

/** One document of exceptions, as it was written: it is parsed where its lines can be named. */
export interface AllowlistDocument {
  /** Where it came from, for messages: a file's path. */
  readonly source: string;
  /** YAML or JSON: `{ENV: {POLICY: {NAMESPACE: [CONTAINER]}}}`. */
  readonly text: string;
}

/** Supplies exceptions. */
export interface AllowlistProvider {
  readonly name: string;
  /** Every document, in a stable order. Throws when any of them cannot be read. */
  read(): Promise<readonly AllowlistDocument[]>;
}

export interface AllowlistContext {
  readonly v: typeof valibot;
  /** Relative paths in options are relative to this folder. */
  readonly folder: string;
}

export type AllowlistFactory = (options: unknown, context: AllowlistContext) => AllowlistProvider;
