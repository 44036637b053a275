import * as v from "valibot";
import { allowlistProviders } from "../plugins/mod.ts";
import { Bundles } from "./bundles.ts";
import { compileAllowlist } from "./config/allowlist.ts";
import {
  type Config,
  DEFAULT_CONFIG,
  folderOf,
  parseConfig,
  toBreakglass,
  toFailureModes,
  unknownUses,
} from "./config/config.ts";
import { configIssues, located } from "./config/issues.ts";
import type { AllowlistDocument } from "./contract.ts";
import { type Engine, engineOf, type PolicySettings, type Settings, type Stage } from "./core/engine.ts";
import type { Allowlist } from "./core/exempt.ts";
import { causeOf } from "./core/text.ts";
import { ConfigError, type ConfigIssue, PluginError } from "./errors.ts";
import { UsageError } from "./io.ts";
import {
  builtShipped,
  type PolicyEntry,
  type ResolvedPolicies,
  type ResolvedPolicy,
  resolvePolicies,
  shippedNames,
} from "./policy_resolver.ts";
import { readPolicies } from "./policy_sources.ts";
import { environmentOf, type StagedPolicy, stagesFor } from "./config/stages.ts";

/** What a config file comes to: everything a command needs. */
export interface Loaded {
  readonly config: Config;
  readonly settings: Settings;
  readonly engine: Engine;
  readonly policies: readonly (ResolvedPolicy & PolicySettings)[];
  /** What an operator should know, though it stops nothing. */
  readonly notices: readonly string[];
}

export interface LoadOptions {
  /** Goes before the config's own. */
  readonly environment: string | undefined;
  /** Of policies that no stage is written for. */
  readonly fallback: Stage;
  /** Bundles that are kept from one load to the next; without it none is, and no secret is known. */
  readonly bundles?: Bundles;
  /** Who runs the policies' code to build them: by default this process. */
  readonly resolve?: (entries: readonly PolicyEntry[]) => Promise<ResolvedPolicies>;
}

/**
 * Reads a config and builds what it names. Throws UsageError for a missing file, ConfigError for mistakes: those of the
 * file's own shape first, then all of what it names: policies, their options, stages, allowlists.
 */
export async function load({ file, ...options }: LoadOptions & { readonly file: string | undefined }): Promise<Loaded> {
  return await build(await readConfig(file), options);
}

/** The config of a file, or the defaults. Throws UsageError and ConfigError. */
export async function readConfig(file: string | undefined): Promise<Config> {
  if (file === undefined) return DEFAULT_CONFIG;
  const text = await readText(file);
  // A file that was cut off, on a full disk or while it is written, must not become the defaults, which deny nothing.
  if (text.trim() === "") throw new UsageError(`Cannot read the config ${file}: found an empty file, accepted YAML`);
  return parseConfig(text, file);
}

/** Builds what a config names. Throws ConfigError. */
export async function build(config: Config, options: LoadOptions): Promise<Loaded> {
  const { environment: variable, fallback, bundles = new Bundles(() => undefined), resolve = resolvePolicies } =
    options;
  const environment = environmentOf(config, variable);
  const read = await readPolicies(config, bundles);
  const resolved = await resolve(read.entries);
  const mistakes = [
    ...unknownUses(config, { policies: shippedNames, allowlists: Object.keys(allowlistProviders) }),
    ...[...read.issues, ...resolved.issues].map((misfit) => located(misfit, config.locate)),
  ];
  const { stages, issues, notices } = stagesFor({
    config,
    environment,
    policies: nameable(resolved, mistakes),
    fallback,
    isPartial: resolved.isPartial,
  });
  mistakes.push(...issues);
  const names = mistakes.length > 0 ? null : exceptableNames(resolved.policies);
  const exceptions = await mistakesKept(mistakes, () => allowlistOf(config, { environment, policies: names }));
  if (mistakes.length > 0 || exceptions === undefined) throw new ConfigError(config.file, mistakes.toSorted(byPlace));
  const policies = resolved.policies.map((policy) => {
    const { failure } = config.policies[policy.entry];
    return { ...policy, ...stages.get(policy.policy.name)!, ...(failure && { failure }) };
  });
  const settings: Settings = {
    revision: await revisionOf(policies),
    environment: environment ?? "",
    policies: new Map(policies.map((loaded) => [loaded.policy.name, settingsOf(loaded)])),
    allowlist: exceptions.allowlist,
    injectedContainers: new Set(config.exceptions.injectedContainers),
    breakglass: toBreakglass(config.breakglass),
    critical: config.critical,
    failure: toFailureModes(config.failure),
  };
  const engine = engineOf(policies, settings);
  return { config, settings, engine, policies, notices: [...notices, ...exceptions.notices] };
}

function settingsOf({ stage, namespaces, members, failure }: PolicySettings): PolicySettings {
  return { stage, namespaces, ...(members && { members }), ...(failure && { failure }) };
}

/** The exceptions of a config as they are now. Throws ConfigError and PluginError. */
export async function allowlistOf(
  config: Config,
  options: { environment: string | undefined; policies: readonly string[] | null },
): Promise<{ allowlist: Allowlist; notices: string[] }> {
  return compileAllowlist(await readAllowlists(config), options);
}

/** The policies that an exception may name; null where a bundle may report under any name, or read exceptions itself. */
export function exceptableNames(policies: readonly ResolvedPolicy[]): string[] | null {
  if (policies.some(({ policy: { members, selfStaged } }) => members === "any" || selfStaged)) return null;
  return policies.flatMap(({ policy: { name, members } }) =>
    typeof members === "object" ? members.map((member) => member.name) : [name]
  );
}

/** What stages may name: where a policy is missing by a mistake, it may be any of the shipped. */
function nameable({ policies }: ResolvedPolicies, mistakes: readonly ConfigIssue[]): StagedPolicy[] {
  const loaded = policies.map(({ policy }) => policy);
  const names = new Set(loaded.map(({ name }) => name));
  const missing = mistakes.length > 0 ? builtShipped().filter(({ name }) => !names.has(name)) : [];
  return [...loaded, ...missing].map(({ name, validate, mutate, refuses, selfStaged, members }) => {
    const halves = { validates: Boolean(validate ?? refuses), mutates: mutate !== undefined, selfStaged };
    if (members === undefined || members === "any") return { name, ...halves, members };
    return { name, ...halves, members: members.map((member) => ({ name: member.name, ...halves })) };
  });
}

/** The result, or undefined where a ConfigError was thrown, whose issues are added to the others. */
async function mistakesKept<Value>(mistakes: ConfigIssue[], run: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    mistakes.push(...error.issues.map((issue) => ({ file: error.file, ...issue })));
  }
}

function byPlace(a: ConfigIssue, b: ConfigIssue): number {
  return (a.file ?? "").localeCompare(b.file ?? "") || a.line - b.line || a.column - b.column;
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(file));
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file" : causeOf(error);
    throw new UsageError(`Cannot read the config ${file}: ${found}`);
  }
}

export async function readAllowlists({ allowlists, file, locate }: Config): Promise<AllowlistDocument[]> {
  const folder = folderOf({ file });
  const documents: AllowlistDocument[] = [];
  for (const [index, { use, options }] of allowlists.entries()) {
    if (!Object.hasOwn(allowlistProviders, use)) continue;
    try {
      documents.push(...await allowlistProviders[use](options, { v, folder }).read());
    } catch (cause) {
      if (!v.isValiError(cause)) throw new PluginError(`allowlist provider ${use}`, causeOf(cause), { cause });
      throw new ConfigError(file, configIssues(cause.issues, { locate, at: ["allowlists", index, "options"] }));
    }
  }
  return documents;
}

/** 12 hex digits of the SHA-256 of what decides: each policy's code, options and stages, in order. */
async function revisionOf(policies: Loaded["policies"]): Promise<string> {
  const parts = policies.map(({ policy, origin, written, stage, namespaces, members }) => [
    ...[policy.name, origin, written ?? null, stage, [...namespaces]],
    ...(members
      ? [members.others, [...members.named].map(([name, own]) => [name, own.stage, [...own.namespaces]])]
      : []),
  ]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(parts)));
  return new Uint8Array(digest).subarray(0, 6).toHex();
}
