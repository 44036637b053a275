import fc from "fast-check";
import assert from "node:assert/strict";
import { PeerRates } from "../../src/webhook/peer_rates.ts";

const rate = fc.integer({ min: 1, max: 50 });
/** Milliseconds between requests. */
const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });

/** When each request came, and whether it was let in. */
function sent(perSecond: number, gaps: readonly number[]): { time: number; isFree: boolean }[] {
  const rates = new PeerRates({ perSecond, peers: 8 });
  let time = 1e6;
  return gaps.map((gap) => ({ time: time += gap, isFree: rates.take("a", time) }));
}

Deno.test("never more than a second's requests and what was gained since are let in, however they come", () => {
  fc.assert(fc.property(rate, gaps, (perSecond, gaps) => {
    const free = sent(perSecond, gaps).filter(({ isFree }) => isFree).map(({ time }) => time);
    free.forEach((start, first) =>
      free.slice(first).forEach((end, more) =>
        assert.ok(more + 1 <= perSecond + (end - start) * perSecond / 1000 + 1e-6, `${more + 1} in ${end - start} ms`)
      )
    );
  }));
});

Deno.test("a peer that keeps to the rate is never refused", () => {
  fc.assert(fc.property(rate, gaps, (perSecond, gaps) => {
    const kept = gaps.map((gap) => gap + Math.ceil(1000 / perSecond));
    assert.ok(sent(perSecond, kept).every(({ isFree }) => isFree));
  }));
});

Deno.test("a peer that waits a second may send a second's requests again", () => {
  fc.assert(fc.property(rate, (perSecond) => {
    const burst = Array.from({ length: perSecond + 1 }, () => 0);
    const free = sent(perSecond, [...burst, 1000, ...burst.slice(1)]).map(({ isFree }) => isFree);
    assert.deepEqual(free.filter(Boolean).length, 2 * perSecond);
    assert.equal(free[perSecond], false);
  }));
});

Deno.test("peers do not count for each other, and the one not seen for longest is forgotten", () => {
  const rates = new PeerRates({ perSecond: 1, peers: 2 });
  assert.deepEqual(["a", "b", "a", "b"].map((peer) => rates.take(peer, 0)), [true, true, false, false]);
  rates.take("a", 0);
  assert.equal(rates.take("c", 0), true);
  assert.deepEqual(["a", "c", "b"].map((peer) => rates.take(peer, 0)), [false, false, true]);
});
