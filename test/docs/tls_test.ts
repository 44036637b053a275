import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { createTlsMetrics } from "../../src/webhook/tls_metrics.ts";
import { withFiles } from "../run_fixture.ts";
import { ask, pem, serveTls, TLS_FOLDER } from "../tls_fixture.ts";
import { codeIn, readPage, rowsOf } from "./markdown.ts";

const page = await readPage("serve.md");

Deno.test("docs/serve.md lists every metric of TLS, with its type and labels", () => {
  const registry = new Registry();
  createTlsMetrics(registry);
  const existing = registry.getMetricsAsArray() as unknown as { name: string; type: string; labelNames: string[] }[];
  const described = rowsOf(page, "Metric of TLS");
  assert.deepEqual(
    described.map(([name, type, labels]) => [codeIn(name)[0], type, codeIn(labels)]),
    existing.map((metric) => [metric.name, metric.constructor.name.toLowerCase(), metric.labelNames]),
  );
});

Deno.test({
  name: "docs/serve.md lists every event of TLS, with its fields",
  sanitizeOps: false,
  sanitizeResources: false, // the server's side of the refused connection
  fn: () =>
    withFiles({ "tls.crt": pem("localhost.crt"), "tls.key": pem("localhost.key") }, async (folder) => {
      const files = { cert: `${folder}/tls.crt`, key: `${folder}/tls.key`, clientCA: `${TLS_FOLDER}client_ca.crt` };
      const now = () => Date.UTC(2119, 11, 31);
      await using server = await serveTls(files, { clientSubjects: ["nobody"], now });
      await assert.rejects(ask(server, { cert: pem("client.crt"), key: pem("client.key") }));
      const [refused, replaced] = ["certificate_not_replaced", "certificate_replaced"].map(server.logged);
      await Deno.writeTextFile(files.key, pem("other.key"));
      await refused;
      await Deno.writeTextFile(files.cert, pem("renewed.crt"));
      await replaced;
      const events = server.log.map(({ event, ...fields }) => [event, Object.keys(fields)]);
      const described = rowsOf(page, "Event of TLS").map(([event, fields]) => [codeIn(event)[0], codeIn(fields)]);
      assert.deepEqual(Object.fromEntries(described), Object.fromEntries(events));
    }),
});
