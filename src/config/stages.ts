import * as v from "valibot";
import type { Config } from "./config.ts";
import { environmentName } from "./schema.ts";
import { type MemberStages, type PolicyStages, type Stage, weaker } from "../core/engine.ts";
import { speakingFor } from "./member_stages.ts";
import { acceptedNames, ConfigError, type ConfigIssue, foundValue, pathText } from "../errors.ts";
import { type EnvironmentStages, MUTATE_STAGES, type PartialStage, VALIDATE_STAGES } from "./stage_schema.ts";
import type { YamlPath } from "./yaml_source.ts";

/** What stages need to know of a loaded policy. */
export interface StagedPolicy {
  readonly name: string;
  readonly validates: boolean;
  readonly mutates: boolean;
  /** The strongest stages that it brings itself, which its entry caps. */
  readonly selfStaged?: Stage;
  /** Those that it speaks for: they are staged, it is not. */
  readonly members?: readonly StagedPolicy[] | "any";
}

/** What stages come to for every loaded policy. */
export interface ResolvedStages {
  readonly stages: ReadonlyMap<string, PolicyStages & { readonly members?: MemberStages }>;
  readonly issues: readonly ConfigIssue[];
  /** What is written for a name that no loaded policy is known to have. */
  readonly notices: readonly string[];
}

/** The environment of this process: what a flag or KP_ENVIRONMENT gives before the config's. Throws ConfigError. */
export function environmentOf(config: Config, given: string | undefined): string | undefined {
  if (given === undefined || given === "") return config.environment;
  const { success, issues } = v.safeParse(environmentName, given);
  if (success) return given;
  const issue = { path: "", line: 0, column: 0, found: foundValue(given), accepted: issues[0].message };
  throw new ConfigError("--env or KP_ENVIRONMENT", [issue]);
}

/**
 * The stages of every policy. Each half that is not given falls back: namespace, policy, the environment's default,
 * `fallback`. A half that the policy does not have is off.
 */
export function stagesFor(
  { config, environment, policies, fallback, isPartial = false }: {
    config: Config;
    environment: string | undefined;
    policies: readonly StagedPolicy[];
    fallback: Stage;
    /** There may be policies of other names, too: an unknown one is no issue. */
    isPartial?: boolean;
  },
): ResolvedStages {
  const known = new Map(policies.flatMap(staged).map((policy) => [policy.name, policy]));
  const isOpen = policies.some(({ members }) => members === "any");
  const issues = [
    ...environmentIssues(config, environment),
    ...policyIssues(config, known, { isPartial: isPartial || isOpen }),
  ];
  const written = writtenStages(config, environment);
  const stagesOf = (policy: StagedPolicy) => resolved(policy, written, fallback);
  const names = Object.keys(written.policies);
  const unknown = names.filter((name) => !known.has(name));
  const stages = new Map(policies.map((policy) => {
    if (policy.members === undefined) return [policy.name, stagesOf(policy)];
    const isAny = policy.members === "any";
    const members = isAny ? names.map((name) => ({ ...policy, name })) : policy.members as readonly StagedPolicy[];
    const named = new Map(members.map((member) => [member.name, stagesOf(member)]));
    return [policy.name, speakingFor(named, isAny ? stagesOf({ ...policy, name: "" }) : null)];
  }));
  const notices = isOpen && issues.length === 0 ? unknown.map((name) => unknownNotice(config, environment!, name)) : [];
  return { stages, issues, notices };
}

/** The policies that have stages of their own. */
function staged(policy: StagedPolicy): readonly StagedPolicy[] {
  if (policy.members === undefined) return [policy];
  return policy.members === "any" ? [] : policy.members;
}

function unknownNotice({ file, locate }: Config, environment: string, name: string): string {
  const path = ["stages", environment, name];
  const { line, column } = locate(path, "key");
  return `${file}:${line}:${column}: ${pathText(path)}: no loaded policy says that its name is ${name}; it counts ` +
    "for what a bundle may report under it";
}

function writtenStages({ stages }: Config, environment: string | undefined): EnvironmentStages {
  if (environment !== undefined && Object.hasOwn(stages, environment)) return stages[environment];
  return { default: {}, policies: {} };
}

function resolved(policy: StagedPolicy, written: EnvironmentStages, fallback: Stage): PolicyStages {
  const given = Object.hasOwn(written.policies, policy.name) ? written.policies[policy.name] : { namespaces: {} };
  const above = policy.selfStaged ? [given, policy.selfStaged] : [given, written.default, fallback];
  const namespaces = Object.entries(given.namespaces)
    .map(([name, stage]) => [name, resolve([stage, ...above], policy)] as const);
  return { stage: resolve(above, policy), namespaces: new Map(namespaces) };
}

function resolve(entries: readonly PartialStage[], { validates, mutates, selfStaged }: StagedPolicy): Stage {
  const validate = entries.find((entry) => entry.validate !== undefined)?.validate;
  const mutate = entries.find((entry) => entry.mutate !== undefined)?.mutate;
  return {
    validate: weaker(validates && validate || "off", selfStaged?.validate),
    mutate: weaker(mutates && mutate || "off", selfStaged?.mutate),
  };
}

function environmentIssues({ stages, environment: written, locate }: Config, environment: string | undefined) {
  const names = Object.keys(stages);
  if (names.length === 0 || (environment !== undefined && Object.hasOwn(stages, environment))) return [];
  const position = environment !== undefined && environment === written
    ? locate(["environment"])
    : locate(["stages"], "key");
  const accepted = acceptedNames(environment, names);
  return [{ path: "environment", ...position, found: foundValue(environment), accepted }];
}

function policyIssues(
  config: Config,
  known: ReadonlyMap<string, StagedPolicy>,
  { isPartial }: { isPartial: boolean },
): ConfigIssue[] {
  const names = [...known.keys()].toSorted();
  return Object.entries(config.stages).flatMap(([environment, { policies }]) =>
    Object.entries(policies).flatMap(([name, { namespaces, ...stage }]): ConfigIssue[] => {
      const path = ["stages", environment, name];
      const policy = known.get(name);
      if (!policy && isPartial) return [];
      if (!policy) {
        const found = `unknown policy ${foundValue(name)}`;
        const accepted = acceptedNames(name, ["default", ...names]);
        return [{ path: pathText(path), ...config.locate(path, "key"), found, accepted }];
      }
      const inner = Object.entries(namespaces).map(([key, value]) => ({
        path: [...path, "namespaces", key],
        stage: value,
      }));
      return [{ path, stage }, ...inner].flatMap((entry) => halfIssues(entry, { policy, locate: config.locate }));
    })
  );
}

/** A stage of a half that the policy does not have would look like protection that is not there. */
function halfIssues(
  { path, stage }: { path: YamlPath; stage: PartialStage },
  { policy, locate }: { policy: StagedPolicy; locate: Config["locate"] },
): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const report = (half: "validate" | "mutate", accepted: readonly string[]) => {
    const found = `${half} stage ${stage[half]} for a policy that does not ${half}`;
    issues.push({ path: pathText(path), ...locate([...path, half]), found, accepted: accepted.join(", ") });
  };
  if (!policy.validates && (stage.validate ?? "off") !== "off") report("validate", MUTATE_STAGES);
  if (!policy.mutates && (stage.mutate ?? "off") !== "off") report("mutate", VALIDATE_STAGES);
  return issues;
}
