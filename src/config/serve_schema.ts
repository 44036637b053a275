import * as v from "valibot";
import { parseAddress } from "./address.ts";
import { exactName, listOf, mapOf, path, wholeNumber } from "./shapes.ts";

const ADDRESS = "HOST:PORT, such as 0.0.0.0:8443 or [::]:8443, with a port of 0 to 65535";

function address(description: string) {
  return v.pipe(
    v.string(ADDRESS),
    v.check((text) => parseAddress(text) !== null, ADDRESS),
    v.description(description),
    v.transform((text) => parseAddress(text)!),
  );
}

const evaluators = mapOf({
  count: v.optional(
    v.pipe(
      wholeNumber(0, 16),
      v.description("How many. Default as many as there are cores, 1 to 4. 0: policies run in the server's process."),
    ),
  ),
  memory: v.optional(
    v.pipe(wholeNumber(64, 65536), v.description("Resident memory of one, in MiB, above which it is replaced.")),
    256,
  ),
  quarantineAfter: v.optional(
    v.pipe(
      wholeNumber(1, 1000),
      v.description("A policy for which so many evaluators were ended within windowSeconds is not asked any more."),
    ),
    3,
  ),
  windowSeconds: v.optional(v.pipe(wholeNumber(1, 86400), v.description("See quarantineAfter.")), 600),
});

const limits = mapOf({
  inFlight: v.optional(
    v.pipe(wholeNumber(1, 65536), v.description("Requests at once. One more gets 503.")),
    256,
  ),
  connections: v.optional(
    v.pipe(wholeNumber(1, 65536), v.description("Connections at once. One more is closed.")),
    1024,
  ),
  memory: v.optional(
    v.pipe(wholeNumber(8, 65536), v.description("MiB of request bodies at once. What is above gets 503.")),
    64,
  ),
  requestsPerSecond: v.optional(
    v.pipe(
      wholeNumber(0, 1_000_000),
      v.description("Requests of one address, without clientCA. What is above gets 429. 0 for any number."),
    ),
    1000,
  ),
});

export const serveSchema = mapOf({
  listen: v.optional(address("Where reviews are answered, as HOST:PORT."), "0.0.0.0:8443"),
  metrics: v.optional(address("Where metrics and health are served, as HOST:PORT."), "0.0.0.0:8081"),
  tls: v.optional(
    v.pipe(
      mapOf({
        cert: v.pipe(path, v.description("PEM file of the certificate chain.")),
        key: v.pipe(path, v.description("PEM file of the private key.")),
        clientCA: v.optional(
          v.pipe(
            path,
            v.description("PEM file of the CAs that sign client certificates. With it, a client needs one."),
          ),
        ),
        clientSubjects: v.optional(
          v.pipe(
            listOf(exactName),
            v.description(
              "Clients that are served: exact common names or DNS names of their certificates. Needs clientCA; none " +
                "given is any certificate of clientCA.",
            ),
          ),
        ),
      }),
      v.check(
        ({ clientCA, clientSubjects }) => clientCA !== undefined || !clientSubjects?.length,
        "clientCA with clientSubjects",
      ),
      v.description("The serving certificate. Relative paths are relative to this file."),
    ),
  ),
  drainSeconds: v.optional(
    v.pipe(
      wholeNumber(0, 3600),
      v.description("How long requests are still accepted after SIGTERM, until every API server knows of it."),
    ),
    5,
  ),
  evaluators: v.optional(v.pipe(evaluators, v.description("The processes that run the policies.")), {}),
  limits: v.optional(v.pipe(limits, v.description("What is served at once. Above it requests are shed.")), {}),
  refreshSeconds: v.optional(
    v.pipe(wholeNumber(1, 86400), v.description("How often bundles at addresses are asked for anew.")),
    60,
  ),
});
