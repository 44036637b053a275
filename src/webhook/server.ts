import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { RequestListener } from "node:http";
import { type Admission, admit, endpointOf } from "./admission.ts";
import type { Metrics } from "./metrics.ts";

/**
 * The webhook port. The two webhooks are answered on the request itself: hono's node adapter costs 40 % of
 * node:https' throughput. Everything else is hono's.
 */
export function webhookListener(admission: Admission): RequestListener {
  const rest = getRequestListener(webhookRoutes(admission.metrics).fetch);
  return (request, response) => {
    const endpoint = endpointOf(request.url);
    if (endpoint === undefined) return void rest(request, response);
    void admit(request, response, { ...admission, endpoint });
  };
}

function webhookRoutes(metrics: Metrics): Hono {
  const app = new Hono();
  app.notFound((context) => {
    metrics.refuse("404");
    return context.text(
      "Cannot find the path: accepted /validate, /mutate, /v0/data/system/{validating,mutating}\n",
      404,
    );
  });
  return app;
}

/** The operators' port: probes come from the kubelet without a client certificate, so they are served apart. */
export function operatorListener({ metrics, isReady }: { metrics: Metrics; isReady: () => boolean }): RequestListener {
  const app = new Hono();
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", (context) => isReady() ? context.text("ok\n") : context.text("not ready\n", 503));
  app.get(
    "/metrics",
    async (context) =>
      context.body(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType }),
  );
  return getRequestListener(app.fetch);
}
