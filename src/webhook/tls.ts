import type { Server } from "node:https";
import type { Registry } from "prom-client";
import { causeOf } from "../core/text.ts";
import { UsageError } from "../io.ts";
import type { Log } from "../log.ts";
import { type Certificate, checkedCertificate, readPem } from "./certificate.ts";
import { pause } from "./pause.ts";
import { createTlsMetrics, type TlsMetrics } from "./tls_metrics.ts";
import type { TlsSettings } from "./tls_settings.ts";

/** What HTTPS is served with. */
export interface Tls {
  readonly settings: TlsSettings;
  /** What new connections get. */
  certificate: Certificate;
  /** Those that serve with it. */
  readonly servers: Server[];
  readonly log: Log;
  readonly metrics: TlsMetrics;
}

/** Reads and checks the files. Throws UsageError. */
export async function openTls(
  settings: TlsSettings,
  { log, registry }: { log: Log; registry: Registry },
): Promise<Tls> {
  const certificate = checkedCertificate(await readPem(settings.files), settings.files);
  const metrics = createTlsMetrics(registry);
  metrics.use(certificate);
  return { settings, certificate, servers: [], log, metrics };
}

/** A pair of files is not replaced at once: it is wrong when it was found wrong this often, one after another. */
const LOOKS = 3;

/**
 * Looks every so often whether the files hold others, and serves those to new connections, until the signal aborts.
 * Open connections stay. What cannot be used is logged once, and the old stays in use.
 */
export async function watchCertificate(
  tls: Tls,
  { signal, everyMs, now = Date.now }: { signal: AbortSignal; everyMs: number; now?: () => number },
): Promise<void> {
  let fault = { cause: "", looks: 0 };
  let warned = warnOfExpiry(tls, now());
  while (await pause(everyMs, signal)) {
    const cause = await replaceCertificate(tls);
    fault = cause === null ? { cause: "", looks: 0 } : { cause, looks: cause === fault.cause ? fault.looks + 1 : 1 };
    if (cause === null) tls.metrics.setCurrent(true);
    if (fault.looks === LOOKS) {
      tls.metrics.setCurrent(false);
      tls.log("certificate_not_replaced", { cause });
    }
    if (now() - warned >= DAY) warned = warnOfExpiry(tls, now());
  }
}

/** What is wrong with the files; null where they are served. */
async function replaceCertificate(tls: Tls): Promise<string | null> {
  const { files } = tls.settings;
  try {
    const texts = await readPem(files);
    const { cert, key, clientCA } = tls.certificate.texts;
    if (texts.cert === cert && texts.key === key && texts.clientCA === clientCA) return null;
    const certificate = checkedCertificate(texts, files);
    for (const server of tls.servers) server.setSecureContext(certificate.context);
    tls.certificate = certificate;
    tls.metrics.use(certificate);
    const { leaf } = certificate;
    tls.log("certificate_replaced", { serial: leaf.serialNumber, not_after: new Date(leaf.validTo).toISOString() });
    return null;
  } catch (error) {
    return error instanceof UsageError ? error.message : causeOf(error);
  }
}

const DAY = 24 * 60 * 60 * 1000;

/** Times are in milliseconds since 1970. Gives `now`. */
function warnOfExpiry({ certificate, log }: Tls, now: number): number {
  for (const [name, time] of Object.entries(certificate.notAfter)) {
    if (time - now < 30 * DAY) {
      log("certificate_expires", { certificate: name, not_after: new Date(time).toISOString() });
    }
  }
  return now;
}
