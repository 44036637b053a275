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
import { configIssues } from "./config/issues.ts";
import type { AllowlistDocument } from "./contract.ts";
import type { Engine, MemberStages, PolicyStages, Stage } from "./core/engine.ts";
import { contextOf } from "./core/exempt.ts";
import { indexPolicies } from "./core/match.ts";
import { causeOf } from "./core/text.ts";
import { ConfigError, type ConfigIssue, PluginError } from "./errors.ts";
import { UsageError } from "./io.ts";
import {
  builtShipped,
  type ResolvedPolicies,
  type ResolvedPolicy,
  resolvePolicies,
  shippedNames,
} from "./policy_sources.ts";
import { environmentOf, type StagedPolicy, stagesFor } from "./config/stages.ts";

/** What a config file comes to: everything a command needs. */
export interface Loaded {
  readonly config: Config;
  readonly engine: Engine;
  /** Empty where the config names none. */
  readonly environment: string;
  readonly policies: readonly (ResolvedPolicy & PolicyStages & { readonly members?: MemberStages })[];
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
}

/**
 * Reads a config and builds what it names. Throws UsageError for a missing file, ConfigError for mistakes: those of the
 * file's own shape first, then all of what it names: policies, their options, stages, allowlists.
 */
export async function load({ file, ...options }: LoadOptions & { readonly file: string | undefined }): Promise<Loaded> {
  return await build(file === undefined ? DEFAULT_CONFIG : parseConfig(await readConfig(file), file), options);
}

/** Builds what a config names. Throws ConfigError. */
export async function build(config: Config, options: LoadOptions): Promise<Loaded> {
  const { environment: variable, fallback, bundles = new Bundles(() => undefined) } = options;
  const environment = environmentOf(config, variable);
  const mistakes = unknownUses(config, { policies: shippedNames, allowlists: Object.keys(allowlistProviders) });
  const resolved = await resolvePolicies(config, bundles);
  mistakes.push(...resolved.issues);
  const { isPartial } = resolved;
  const { stages, issues, notices } = stagesFor({
    config,
    environment,
    policies: nameable(resolved, mistakes),
    fallback,
    isPartial,
  });
  mistakes.push(...issues);
  const names = mistakes.length > 0 ? null : exceptableNames(resolved.policies);
  const exceptions = await mistakesKept(
    mistakes,
    async () => compileAllowlist(await readAllowlists(config), { environment, policies: names }),
  );
  if (mistakes.length > 0 || exceptions === undefined) throw new ConfigError(config.file, mistakes.toSorted(byPlace));
  const policies = resolved.policies.map((policy) => ({ ...policy, ...stages.get(policy.policy.name)! }));
  const engine: Engine = {
    revision: await revisionOf(policies),
    policies: indexPolicies(policies),
    allowlist: exceptions.allowlist,
    context: contextOf(environment ?? "", exceptions.allowlist),
    injectedContainers: new Set(config.exceptions.injectedContainers),
    breakglass: toBreakglass(config.breakglass),
    critical: config.critical,
    failure: toFailureModes(config.failure),
  };
  return { config, engine, environment: environment ?? "", policies, notices: [...notices, ...exceptions.notices] };
}

/** The policies that an exception may name; null where a bundle may report under any name, or read exceptions itself. */
function exceptableNames(policies: readonly ResolvedPolicy[]): string[] | null {
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

async function readConfig(file: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(file));
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file" : causeOf(error);
    throw new UsageError(`Cannot read the config ${file}: ${found}`);
  }
}

async function readAllowlists({ allowlists, file, locate }: Config): Promise<AllowlistDocument[]> {
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
