import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { IncomingMessage, RequestListener } from "node:http";
import { type Admission, admit, endpointOf } from "./admission.ts";
import { burstLog } from "./burst_log.ts";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";
import type { Outcome } from "./reload.ts";

/**
 * The webhook port. The two webhooks are answered on the request itself: hono's node adapter costs 40 % of
 * node:https' throughput. Everything else is hono's.
 */
export function webhookListener(front: Omit<Admission, "logBurst">): RequestListener {
  const rest = getRequestListener(webhookRoutes(front.metrics).fetch);
  const admission = { ...front, logBurst: burstLog(front.log) };
  return (request, response) => {
    if (front.ending?.aborted) response.setHeader("connection", "close");
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

export interface Operations {
  readonly metrics: Metrics;
  readonly health: Health;
  readonly reload: () => Promise<Outcome>;
}

/** The operators' port: probes come from the kubelet without a client certificate, so they are served apart. */
export function operatorListener({ metrics, health, reload }: Operations): RequestListener {
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>();
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", (context) => {
    const { isReady, lines } = health.readiness();
    const text = context.req.query("verbose") !== undefined
      ? `${lines.join("\n")}\n`
      : isReady
      ? "ok\n"
      : "not ready\n";
    return context.text(text, isReady ? 200 : 503);
  });
  app.get(
    "/metrics",
    async (context) =>
      context.body(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType }),
  );
  app.post("/-/reload", async (context) => {
    if (!isLoopback(context.env.incoming.socket.remoteAddress)) {
      return context.text("Cannot reload: accepted requests from this host only\n", 403);
    }
    const outcome = await reload();
    return outcome.success
      ? context.text(`reloaded, policy revision ${outcome.revision}\n`)
      : context.text(`Cannot reload: ${outcome.cause}\n`, 500);
  });
  return getRequestListener(app.fetch as Parameters<typeof getRequestListener>[0]);
}

function isLoopback(address: string | undefined): boolean {
  return /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(address ?? "");
}
