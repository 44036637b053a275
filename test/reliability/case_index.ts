/** A test: the file, and what stands in it as the test's name or as a part of it. */
export type Proof = readonly [file: string, test: string];

/**
 * Every fault (F), bad input (I), attack (A) and bypass (B) that the webhook has to stand, and what proves it. Those of
 * test/bad_input and test/webhook run in the server's process over HTTP, and again over HTTPS with evaluators
 * (production_transport_test.ts); those of test/reliability and e2e run processes.
 */
export const CASES: Readonly<Record<string, readonly Proof[]>> = {
  F01: [
    ["test/core/review_test.ts", "a failure of that policy alone"],
    ["test/core/review_test.ts", "review() leaves no rejected promise of a policy behind"],
    ["test/webhook/failures_test.ts", "a policy that throws for one request answers the next"],
  ],
  F02: [
    ["e2e/chaos/endless_test.ts", "F02: four endless requests"],
    ["test/evaluators/pool_test.ts", "without end is answered in time, closed, and what others deny counts"],
  ],
  F03: [
    ["test/evaluators/pool_test.ts", "a policy that takes memory without end fails alone"],
    ["test/plugins/rego/evaluation_test.ts", "takes more memory than there is"],
  ],
  F04: [["test/reliability/bundle_evaluators_test.ts", "F04: of 1,000 interleaved reviews"]],
  F05: [
    ["test/reliability/evaluator_faults_test.ts", "F05: an evaluator that answers by"],
    ["test/evaluators/pool_test.ts", "a policy that evaluators are ended for again and again is not asked any more"],
    ["e2e/chaos/chaos_test.ts", "no request is lost, wrong or without an answer"],
  ],
  F07: [
    ["test/reliability/exceptions_test.ts", "F07: other exceptions reach the evaluators that run"],
    ["test/config/allowlist_test.ts", "compileAllowlist() refuses"],
  ],
  F08: [
    ["test/reliability/reload_test.ts", "F08: what cannot be used changes nothing"],
    ["test/reliability/reload_test.ts", "F08: under load, 12 reloads lose nothing"],
    ["test/reliability/reload_test.ts", "F08: a mounted ConfigMap is swapped"],
  ],
  F09: [["test/webhook/certificate_test.ts", "is refused at start, with its file's name"]],
  F10: [["test/webhook/rotation_test.ts", "no request is lost over"]],
  F11: [["test/reliability/lifecycle_test.ts", "F11: over"]],
  F12: [
    ["test/reliability/slow_clients_test.ts", "F12: clients that are slow to send"],
    ["test/webhook/shedding_test.ts", "F12: a request whose client closes while it is evaluated"],
  ],
  F13: [["test/reliability/start_test.ts", "F13: without any network but its own ports"]],
  F14: [["test/reliability/clock_test.ts", "F14: while the wall clock jumps by days"]],
  F15: [["test/reliability/logs_test.ts", "F15: with the log's pipe closed"]],
  F16: [["test/reliability/file_descriptors_test.ts", "F16: without file descriptors nothing ends or spins"]],
  F17: [["e2e/quota/quota_test.ts", "F17: with"]],
  F18: [["test/reliability/start_test.ts", "F18: of 1,000 policies"]],
  F19: [["test/reliability/start_test.ts", "F19:"]],
  F20: [["e2e/soak/soak_test.ts", "20 s with reloads"], ["deno.json", '"soak"']],
  F22: [["test/reliability/start_test.ts", "F22: two servers with other policies"]],
  I01: [["test/bad_input/envelopes_test.ts", "I01:"]],
  I02: [["test/webhook/routes_test.ts", "I02:"], ["test/webhook/connections_test.ts", "I02:"]],
  I03: [["test/webhook/body_limit_test.ts", "I03:"]],
  I04: [
    ["test/bad_input/extremes_test.ts", "I04:"],
    ["test/core/review_test.ts", "review() takes an object that nests too deep for a malformed one"],
  ],
  I05: [["test/bad_input/values_test.ts", "I05:"]],
  I06: [["test/bad_input/envelopes_test.ts", "I06:"]],
  I07: [["test/bad_input/envelopes_test.ts", "I07:"]],
  I08: [["test/bad_input/envelopes_test.ts", "I08:"]],
  I09: [["test/bad_input/envelopes_test.ts", "I09:"]],
  I10: [["test/bad_input/requests_test.ts", "I10:"]],
  I11: [["test/bad_input/requests_test.ts", "I11:"]],
  I12: [["test/bad_input/requests_test.ts", "I12:"]],
  I13: [["test/bad_input/malformed_test.ts", "I13:"]],
  I14: [["test/bad_input/extremes_test.ts", "I14:"], [
    "test/core/large_objects_test.ts",
    "take time in proportion to the object",
  ]],
  I15: [["test/bad_input/values_test.ts", "I15:"]],
  I16: [
    ["test/bad_input/values_test.ts", "I16:"],
    ["test/core/image_test.ts", "parseImage takes linear time on text made to backtrack"],
  ],
  I17: [["test/bad_input/encodings_test.ts", "I17:"]],
  I18: [["test/bad_input/extremes_test.ts", "I18:"]],
  I19: [["test/bad_input/values_test.ts", "I19:"]],
  I20: [["test/bad_input/extremes_test.ts", "I20:"]],
  I21: [["test/bad_input/yaml_test.ts", "I21:"]],
  I22: [["test/bad_input/requests_test.ts", "I22:"]],
  I23: [["test/bad_input/patches_test.ts", "I23:"]],
  I24: [["test/bad_input/requests_test.ts", "I24:"]],
  I25: [["test/webhook/routes_test.ts", "I25:"], ["test/webhook/connections_test.ts", "I25:"]],
  A01: [["test/webhook/client_certificate_test.ts", "is refused before any of its request is read"]],
  A02: [
    ["test/reliability/flood_test.ts", "A02: in a flood of 1,200 connections"],
    ["test/webhook/shedding_test.ts", "a request above inFlight gets 503"],
  ],
  A03: [["test/webhook/tls_test.ts", "is refused"]],
  A04: [["test/webhook/shedding_test.ts", "A04, I25:"]],
  A07: [["test/sandbox/lockdown_suite.ts", "finds every hole closed"]],
  A08: [["test/sandbox/lockdown_suite.ts", "the next policy sees the world as it was"]],
  A09: [["test/reliability/logs_test.ts", "A09:"]],
  A10: [["test/reliability/logs_test.ts", "A10:"]],
  A11: [["test/webhook/cardinality_test.ts", "A11:"]],
  A12: [["test/reliability/tampered_files_test.ts", "A12:"]],
  A23: [["test/core/identity_test.ts", "A23:"]],
  A24: [["test/webhook/operators_test.ts", "the webhooks' port has none of them, and the operators' port no webhook"]],
  B14: [["test/core/independence_test.ts", "B14:"]],
  B15: [["test/core/independence_test.ts", "B15:"], ["test/core/bypass_test.ts", "a mirror pod, from its node"]],
  B16: [["test/core/independence_test.ts", "B16:"]],
};
