const DEFAULT_MS = 3_000;

/** The most that a webhook may be given (admissionregistration.k8s.io/v1, timeoutSeconds). */
const LONGEST_MS = 30_000;

/** What the API server waits for is not all ours: the answer has a way to go. */
const SHARE = 0.9;

/** Go's time.ParseDuration has these units, and more that no timeout is written in. */
const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  "µs": 1e-3,
  ns: 1e-6,
};

const DURATION = /^\+?(?:(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?:h|ms|m|us|µs|ns|s))+$/;

/**
 * Until when a request has to be answered, as `started` a time of `performance.now()`: by the `timeout` that the API
 * server writes into the query, a Go duration such as 10s. Without one that can be read it is 3 s, as the webhooks of
 * the docs ask for.
 */
export function deadlineOf(url: string | undefined, started: number): number {
  const query = (url ?? "").split("?", 2)[1] ?? "";
  const asked = millisecondsOf(new URLSearchParams(query).get("timeout") ?? "");
  return started + SHARE * Math.min(asked ?? DEFAULT_MS, LONGEST_MS);
}

function millisecondsOf(text: string): number | null {
  if (!DURATION.test(text)) return null;
  const parts = [...text.matchAll(/([\d.]+)([a-zµ]+)/g)];
  const sum = parts.reduce((total, [, number, unit]) => total + Number(number) * UNITS[unit], 0);
  return sum > 0 ? sum : null;
}
