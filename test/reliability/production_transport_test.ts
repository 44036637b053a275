/**
 * The bad input of test/bad_input, and how the webhooks answer (test/webhook), once more over HTTPS and with evaluator
 * processes.
 */
import { transport } from "../serve_fixture.ts";

transport.isProduction = true;
await import("../bad_input/encodings_test.ts");
await import("../bad_input/envelopes_test.ts");
await import("../bad_input/extremes_test.ts");
await import("../bad_input/malformed_test.ts");
await import("../bad_input/requests_test.ts");
await import("../bad_input/values_test.ts");
await import("../webhook/body_limit_test.ts");
await import("../webhook/failures_test.ts");
await import("../webhook/routes_test.ts");
await import("../webhook/warnings_test.ts");
