import { entryText } from "./core/bypass.ts";
import type { Summary } from "./evaluators/evaluator.ts";

export type Log = (event: string, fields?: Record<string, unknown>) => void;

const LONGEST_TEXT = 2048;
const LONGEST_LIST = 64;

/** What JSON leaves as it is and terminals, or readers of lines, do not. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/** One JSON line an event. Texts and lists are cut, so that no request can fill a disk with one line. */
export function jsonLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  return (event, fields = {}) => {
    const json = JSON.stringify({ time: now().toISOString(), event, ...fields }, (_, value) => cut(value));
    write(`${json.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`);
  };
}

function cut(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, LONGEST_TEXT);
  return Array.isArray(value) ? value.slice(0, LONGEST_LIST) : value;
}

/** Logs what an operator must be able to find again: denials, failures and ways past the policies. No object content. */
export function logDecision(log: Log, summary: Summary): void {
  const { uid, reference, operation, username, endpoint, allowed, bypass, failures, failing, violations } = summary;
  const request = { uid, endpoint, object: reference, operation };
  for (const failure of failures) log("failure", { ...request, ...failure });
  if (bypass?.by === "breakglass") log("breakglass", { ...request, user: username, identities: bypass.identities });
  if (bypass?.by === "critical") log("critical", { ...request, entry: entryText(bypass.entry) });
  if (allowed) return;
  const denied = violations.filter(({ outcome }) => outcome === "denied");
  log("denied", { ...request, failing, policies: [...new Set(denied.map(({ policy }) => policy))] });
}
