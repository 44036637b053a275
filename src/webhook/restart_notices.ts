import type { Config } from "../config/config.ts";

/** What of `serve` counts as it was at the start. */
const AT_START = ["listen", "metrics", "tls", "limits"] as const;

/** Which changes of the config since the start wait for the next one. */
export function restartNotices(started: Config, { serve }: Config): string[] {
  return AT_START.filter((key) => JSON.stringify(serve[key]) !== JSON.stringify(started.serve[key]))
    .map((key) => `serve.${key} has changed since the start: that takes effect at the next one`);
}
