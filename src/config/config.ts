import * as v from "valibot";
import type { Address } from "./address.ts";
import { configIssues } from "./issues.ts";
import { sourceKind } from "./policy_schema.ts";
import { configSchema } from "./schema.ts";
import type { Breakglass, CriticalEntry } from "../core/bypass.ts";
import type { FailureMode, FailureModes } from "../core/engine.ts";
import { acceptedNames, ConfigError, type ConfigIssue, foundValue, pathText } from "../errors.ts";
import type { EnvironmentStages } from "./stage_schema.ts";
import { parseYaml, type YamlPath, type YamlSource } from "./yaml_source.ts";

/** An entry of `policies` or `allowlists`. Its options are checked by what it uses. */
export interface Use {
  readonly use: string;
  readonly options?: unknown;
}

/** A value that stands in an environment variable. */
export interface Variable {
  readonly env: string;
}

/** An entry of `policies`. */
export interface PolicyUse extends Use {
  readonly verify?: {
    /** A path, or the variable that holds the key itself. */
    readonly key: string | Variable;
    readonly keyId?: string;
    readonly scope?: string;
    readonly minRevision?: string;
  };
  readonly fetch?: FetchSettings;
  readonly failure?: FailureMode;
  readonly timeoutSeconds?: number;
}

export interface FetchSettings {
  readonly timeoutSeconds: number;
  readonly maxBytes: number;
  readonly hosts: readonly string[];
  readonly ca?: string;
  readonly username?: string;
  readonly password?: Variable;
  readonly token?: Variable;
}

/** The processes that evaluate policies. */
export interface EvaluatorSettings {
  /** Default as many as there are cores, 1 to 4. 0 for none: in the front process. */
  readonly count?: number;
  /** Resident memory of one, in MiB, above which it is replaced. */
  readonly memory: number;
  /** A policy for which this many were ended within `windowSeconds` is not asked any more. */
  readonly quarantineAfter: number;
  readonly windowSeconds: number;
}

/** What is served at once. */
export interface Limits {
  /** Requests, from the end of their head to the end of their answer. */
  readonly inFlight: number;
  readonly connections: number;
  /** MiB of request bodies. */
  readonly memory: number;
  /** By one address, where clients need no certificates; 0 for any number. */
  readonly requestsPerSecond: number;
}

/** The config file with its defaults. Maps by name are plain objects: look names up with `Object.hasOwn`. */
export interface Config {
  readonly file: string;
  readonly environment?: string;
  readonly policies: readonly PolicyUse[];
  readonly stages: Readonly<Record<string, EnvironmentStages>>;
  readonly allowlists: readonly Use[];
  readonly exceptions: { readonly injectedContainers: readonly string[] };
  readonly breakglass: {
    readonly users: readonly string[];
    readonly groups: readonly string[];
    readonly usernamePrefixes: readonly string[];
  };
  readonly critical: readonly CriticalEntry[];
  readonly failure: {
    readonly validate: FailureMode;
    readonly mutate: FailureMode;
    readonly namespaces: Readonly<Record<string, FailureMode>>;
  };
  readonly serve: {
    readonly listen: Address;
    readonly metrics: Address;
    readonly refreshSeconds: number;
    readonly drainSeconds: number;
    readonly evaluators: EvaluatorSettings;
    readonly limits: Limits;
    readonly tls?: {
      readonly cert: string;
      readonly key: string;
      readonly clientCA?: string;
      readonly clientSubjects?: readonly string[];
    };
  };
  /** Where a part of it was written. */
  readonly locate: YamlSource["locate"];
}

/** Throws ConfigError with everything that is wrong. */
export function parseConfig(text: string, file: string): Config {
  const { value, locate } = parseYaml(text, file);
  const result = v.safeParse(configSchema, value ?? {}, { abortPipeEarly: true }); // one mistake a value
  const issues = result.success ? [] : configIssues(result.issues, { locate });
  issues.push(...reservedKeys(value, { path: [], locate }));
  if (result.success && issues.length === 0) return { ...result.output, file, locate };
  throw new ConfigError(file, issues.toSorted((a, b) => a.line - b.line || a.column - b.column));
}

/** The folder that paths in a config are relative to: the file's own. */
export function folderOf({ file }: Pick<Config, "file">): string {
  return file.includes("/") ? file.slice(0, file.lastIndexOf("/")) || "/" : ".";
}

/** A path that a config names, as this process can open it. */
export function pathFrom(config: Pick<Config, "file">, path: string): string {
  return path.startsWith("/") ? path : `${folderOf(config)}/${path}`;
}

/** What `kp` runs on without a config file. */
export const DEFAULT_CONFIG: Config = parseConfig("", "built-in defaults");

/** Valibot skips these keys without a word: an entry by such a name would have no effect. */
const RESERVED = ["__proto__", "constructor", "prototype"];

function reservedKeys(
  value: unknown,
  { path, locate }: { path: YamlPath; locate: YamlSource["locate"] },
): ConfigIssue[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    const found = `key ${foundValue(key)}`;
    const issue = { path: pathText(here), ...locate(here, "key"), found, accepted: "any other name" };
    return [...(RESERVED.includes(key) ? [issue] : []), ...reservedKeys(inner, { path: here, locate })];
  });
}

/** Entries that use what is not shipped. */
export function unknownUses(
  config: Config,
  known: { policies: readonly string[]; allowlists: readonly string[] },
): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  for (const list of ["policies", "allowlists"] as const) {
    const noun = list === "policies" ? "policy" : "allowlist provider";
    config[list].forEach(({ use }, index) => {
      if (known[list].includes(use) || (list === "policies" && sourceKind(use) !== null)) return;
      const path = [list, index, "use"];
      const found = `unknown ${noun} ${foundValue(use)}`;
      const accepted = acceptedNames(use, known[list]);
      issues.push({ path: pathText(path), ...config.locate(path), found, accepted });
    });
  }
  return issues;
}

export function toBreakglass({ users, groups, usernamePrefixes }: Config["breakglass"]): Breakglass {
  return { users: new Set(users), groups: new Set(groups), usernamePrefixes };
}

export function toFailureModes({ validate, mutate, namespaces }: Config["failure"]): FailureModes {
  return { validate, mutate, namespaces: new Map(Object.entries(namespaces)) };
}
