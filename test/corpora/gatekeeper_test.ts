import assert from "node:assert/strict";
import { shippedPolicies } from "../../policies/mod.ts";
import type { AdmissionRequest } from "../../src/contract.ts";
import { review } from "../../src/core/review.ts";
import { requestFor } from "../../src/requests.ts";
import { engineOf } from "../engine_fixture.ts";
import { corpusTest } from "./corpus.ts";
import {
  COUNTERPARTS,
  DISAGREEMENTS,
  EXEMPT_IMAGES,
  UPDATES_WITHOUT_OLD_OBJECT,
  WITHOUT_COUNTERPART,
} from "./gatekeeper_counterparts.ts";
import { type PspCase, readPspCases } from "./gatekeeper_psp.ts";

const file = "gatekeeper-psp-samples.tar.gz";
const NAMESPACE = "default";

interface Given {
  readonly changes?: Partial<AdmissionRequest>;
  /** Whether every container has an exception. */
  readonly excused?: boolean;
}

/** Whether our counterparts of the case's template refuse its object. */
function isRefused({ template, parameters, operation, object }: PspCase, { changes, excused }: Given = {}): boolean {
  const counterparts = COUNTERPARTS[template](parameters);
  const engine = engineOf({
    policies: counterparts.map(({ policy, options }) => ({ policy: shippedPolicies[policy], options })),
    exceptions: excused ? counterparts.map(({ policy }) => `${policy}/${NAMESPACE}/*`) : [],
  });
  const request = { ...requestFor(object, { operation, username: "alice", groups: [] }), ...changes };
  const { allowed, failures } = review(request, "validating", engine);
  assert.deepEqual(failures, []);
  return !allowed;
}

function isJudged({ template }: PspCase): boolean {
  return !Object.hasOwn(WITHOUT_COUNTERPART, template);
}

corpusTest("gatekeeper's PSP cases are all read", {
  file,
  async run(path) {
    const cases = await readPspCases(path);
    assert.equal(cases.length, 140);
    assert.equal(new Set(cases.map(({ id }) => id)).size, 140);
    assert.deepEqual([...new Set(cases.map(({ template }) => template))].sort(), Object.keys(COUNTERPARTS).sort());
    assert.ok(cases.some(({ violated }) => violated) && cases.some(({ violated }) => !violated));
  },
});

corpusTest("gatekeeper's PSP cases are decided here as there, but for the known disagreements", {
  file,
  async run(path) {
    const judged = (await readPspCases(path)).filter(isJudged);
    const disagreed = judged.filter((each) => isRefused(each) !== each.violated).map(({ id }) => id);
    assert.deepEqual(disagreed.sort(), Object.keys(DISAGREEMENTS).sort());
    assert.deepEqual({ judged: judged.length, disagreed: disagreed.length }, { judged: 128, disagreed: 36 });
  },
});

corpusTest("gatekeeper's PSP cases without a counterpart here are the known ones", {
  file,
  async run(path) {
    const left = (await readPspCases(path)).filter((each) => !isJudged(each));
    assert.ok(left.every(({ template, parameters }) => COUNTERPARTS[template](parameters).length === 0));
    const known = Object.values(WITHOUT_COUNTERPART).flatMap(({ cases }) => cases);
    assert.deepEqual(left.map(({ id }) => id).sort(), known.toSorted());
  },
});

corpusTest("gatekeeper's PSP updates pass with the oldObject that an API server sends", {
  file,
  async run(path) {
    const updates = (await readPspCases(path)).filter(({ id }) => UPDATES_WITHOUT_OLD_OBJECT.includes(id));
    assert.equal(updates.length, UPDATES_WITHOUT_OLD_OBJECT.length);
    for (const each of updates) {
      assert.equal(each.violated, false);
      assert.equal(isRefused(each, { changes: { oldObject: structuredClone(each.object) } }), false, each.id);
    }
  },
});

corpusTest("gatekeeper's exempt PSP images pass with an exception for their containers", {
  file,
  async run(path) {
    const exempt = (await readPspCases(path)).filter(({ id }) => EXEMPT_IMAGES.includes(id));
    assert.equal(exempt.length, EXEMPT_IMAGES.length);
    for (const each of exempt) assert.equal(isRefused(each, { excused: true }), false, each.id);
  },
});
