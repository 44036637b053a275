import assert from "node:assert/strict";
import { DEFAULT_CONFIG, parseConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";

const RANGES = {
  inFlight: [1, 65536],
  connections: [1, 65536],
  memory: [8, 65536],
  requestsPerSecond: [0, 1_000_000],
} as const;

for (const [name, [least, most]] of Object.entries(RANGES)) {
  Deno.test(`serve.limits.${name} is a whole number of ${least} to ${most}`, () => {
    const parse = (value: number | string) => parseConfig(`serve: { limits: { ${name}: ${value} } }`, "kp.yaml");
    for (const value of [least, most]) {
      assert.deepEqual(parse(value).serve.limits, { ...DEFAULT_CONFIG.serve.limits, [name]: value });
    }
    for (const value of [least - 1, most + 1, least + 0.5, ".inf", '"10"']) {
      assert.throws(() => parse(value), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.issues[0].path, `serve.limits.${name}`);
        return error.message.includes(`accepted a whole number of ${least} to ${most}`);
      });
    }
  });
}
