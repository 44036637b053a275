import { distance } from "fastest-levenshtein";

/** One mistake in a file that an operator wrote. */
export interface ConfigIssue {
  /** The file, where it is not the error's own. */
  readonly file?: string;
  /** `stages.prod.host_network`, `policies[0].use`; empty for the file as a whole. */
  readonly path: string;
  /** From 1; 0 for what stands in no file, such as a flag. */
  readonly line: number;
  readonly column: number;
  readonly found: string;
  readonly accepted: string;
}

/** The operator's mistakes, all of them, one line each: `<file>:<line>:<column>: <path>: found ..., accepted ...`. */
export class ConfigError extends Error {
  override name = "ConfigError";
  constructor(readonly file: string, readonly issues: readonly ConfigIssue[]) {
    super(issues.map((issue) => issueLine(issue, file)).join("\n"));
  }
}

/** A plugin broke: it could not be built, or it threw. */
export class PluginError extends Error {
  override name = "PluginError";
  constructor(readonly plugin: string, message: string, options?: { cause?: unknown }) {
    super(`${plugin}: ${message}`, options);
  }
}

export function issueLine(issue: ConfigIssue, file: string): string {
  const { path, line, column, found, accepted } = issue;
  const place = `${issue.file ?? file}${line > 0 ? `:${line}:${column}` : ""}`;
  return `${place}: ${path && `${path}: `}found ${found}, accepted ${accepted}`;
}

/** `dev, staging, prod (did you mean prod?)`. */
export function acceptedNames(found: unknown, names: readonly string[]): string {
  const nearest = typeof found === "string" ? nearestName(found, names) : undefined;
  const suggestion = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  return `${names.join(", ") || "none"}${suggestion}`;
}

/** Undefined when none is near enough to be what was meant. */
function nearestName(found: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, edits: distance(found.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.ceil(Math.min(found.length, name.length) / 3));
  return near.toSorted((a, b) => a.edits - b.edits)[0]?.name;
}

const LONGEST_FOUND = 80;

/** A value of a YAML file, for messages. */
export function foundValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "map";
  if (typeof value !== "string") return `${typeof value} ${value}`;
  // What looks like an address may hold secrets.
  const text = value.includes("://") ? value.replace(/:\/\/.*@/s, "://...@").replace(/[?#].*/s, "?...") : value;
  return JSON.stringify(text.length > LONGEST_FOUND ? `${text.slice(0, LONGEST_FOUND)}...` : text);
}

/** `["stages", "prod"]` -> `stages.prod`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((step, index) => {
    if (typeof step === "number") return `[${step}]`;
    if (!/^[\w*/-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
    return index === 0 ? step : `.${step}`;
  }).join("");
}
