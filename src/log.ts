import type { Summary } from "./evaluators/evaluator.ts";
import { entryText } from "./core/bypass.ts";

export type Log = (event: string, fields?: Record<string, unknown>) => void;

const LONGEST = 2048;

/** One JSON line an event. Texts are cut, so that no request can fill a disk with one line. */
export function jsonLog(write: (line: string) => void, now: () => Date = () => new Date()): Log {
  return (event, fields = {}) => {
    const line = { time: now().toISOString(), event, ...fields };
    write(`${JSON.stringify(line, (_, value) => typeof value === "string" ? value.slice(0, LONGEST) : value)}\n`);
  };
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
