import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/config.ts";
import { restartNotices } from "../../src/webhook/restart_notices.ts";

const CHANGES: Record<string, string[]> = {
  "serve: { listen: '0.0.0.0:9443' }": ["listen"],
  "serve: { metrics: '0.0.0.0:9081' }": ["metrics"],
  "serve: { tls: { cert: a, key: b } }": ["tls"],
  "serve: { limits: { inFlight: 7 }, listen: '0.0.0.0:9443' }": ["listen", "limits"],
  "serve: { drainSeconds: 9, refreshSeconds: 9, evaluators: { count: 3 } }": [],
  "environment: prod": [],
};

for (const [text, keys] of Object.entries(CHANGES)) {
  Deno.test(`of "${text}" ${keys.join(" and ") || "nothing"} waits for the next start`, () => {
    const [before, after] = [parseConfig("", "kp.yaml"), parseConfig(text, "kp.yaml")];
    const notices = restartNotices(before, after);
    assert.deepEqual(notices.map((notice) => /^serve\.(\w+) has changed/.exec(notice)![1]), keys);
    assert.deepEqual(restartNotices(after, after), []);
  });
}
