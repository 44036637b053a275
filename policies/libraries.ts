import * as v from "valibot";
import { podSecurityVersionName } from "../src/core/kit.ts";
import { type PodSecurityLevel, podSecurityPolicies } from "./pod_security.ts";
import { platformPolicies } from "./platform.ts";

/** One policy of a library, with the options that the library gives it. */
export interface LibraryPolicy {
  readonly name: string;
  readonly options: unknown;
  /** Where in the library's own options they were written. */
  readonly path: readonly string[];
}

/** A named set of shipped policies: `use: pod-security`. */
export interface Library {
  /** Of the library's own options. */
  readonly options: v.GenericSchema;
  /** Called with what the schema gives. */
  policies(options: never): LibraryPolicy[];
}

/** Pod Security Standards of one level and version. */
const podSecurity: Library = {
  options: v.optional(
    v.strictObject({
      level: v.optional(v.picklist(["baseline", "restricted"]), "baseline"),
      version: v.optional(podSecurityVersionName, "latest"),
    }),
    {},
  ),
  policies: ({ level, version }: { level: PodSecurityLevel; version: string }) =>
    podSecurityPolicies({ level, version }).map((name) => ({ name, options: { version }, path: [] })),
};

/** What has to be said before the policy means anything: without options the library leaves it out. */
const NEEDS_OPTIONS: readonly string[] = ["image_registry"];

/** The platform's own policies; options by policy name. */
const platform: Library = {
  options: v.optional(
    v.strictObject(Object.fromEntries(platformPolicies.map((name) => [name, v.optional(v.looseObject({}))]))),
    {},
  ),
  policies: (options: Record<string, unknown>) =>
    platformPolicies
      .filter((name) => options[name] !== undefined || !NEEDS_OPTIONS.includes(name))
      .map((name) => ({ name, options: options[name], path: [name] })),
};

export const libraries: Readonly<Record<string, Library>> = { platform, "pod-security": podSecurity };
