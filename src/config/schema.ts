import * as v from "valibot";
import { breakglassSchema } from "./breakglass_schema.ts";
import { CRITICAL_KINDS } from "../core/bypass.ts";
import {
  DEFAULT_CRITICAL_ENTRIES,
  DEFAULT_FAILURE_NAMESPACES,
  DEFAULT_INJECTED_CONTAINERS,
  DEFAULT_POLICIES,
} from "./defaults.ts";
import { policySchema } from "./policy_schema.ts";
import { serveSchema } from "./serve_schema.ts";
import { exactName, failureMode, listOf, mapByName, mapByNamespace, mapOf, oneOf, settings } from "./shapes.ts";
import { environmentStages } from "./stage_schema.ts";

const allowlist = mapOf({
  use: v.pipe(
    v.string("the name of a provider"),
    v.description("The provider that reads exceptions."),
    v.examples(["file"]),
  ),
  options: v.optional(settings),
});

export const environmentName = v.pipe(
  v.string("a name such as dev or prod"),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, "a name of up to 63 letters, digits, _ and -, such as dev or prod"),
);

const critical = mapOf({
  namespace: v.pipe(exactName, v.description("Exact.")),
  kind: v.pipe(
    oneOf(CRITICAL_KINDS),
    v.description("The component's own kind: pods of a DaemonSet are covered by it."),
  ),
  name: v.pipe(exactName, v.description("Exact.")),
});

const failure = mapOf({
  validate: v.optional(v.pipe(failureMode, v.description("closed refuses, open lets pass.")), "closed"),
  mutate: v.optional(
    v.pipe(failureMode, v.description("closed refuses, open lets pass, with the patches that could be made.")),
    "open",
  ),
  namespaces: v.optional(
    v.pipe(
      mapByNamespace(failureMode),
      v.description("Overrides both for single namespaces. Added to kube-system and kube-node-lease, which are open."),
      v.transform((given) => ({ ...DEFAULT_FAILURE_NAMESPACES, ...given })),
    ),
    {},
  ),
});

const exceptions = mapOf({
  injectedContainers: v.optional(
    v.pipe(
      listOf(exactName),
      v.description(
        "Containers that sidecar injectors add. A pod-level exception does not need them to be listed while another " +
          "container of the pod is. A given list replaces the default.",
      ),
    ),
    DEFAULT_INJECTED_CONTAINERS,
  ),
});

export const configSchema = v.pipe(
  mapOf({
    environment: v.optional(
      v.pipe(environmentName, v.description("The environment of this process. KP_ENVIRONMENT overrides it.")),
    ),
    policies: v.optional(
      v.pipe(
        listOf(policySchema),
        v.description("What to judge by, in this order. A given list replaces the default."),
      ),
      DEFAULT_POLICIES,
    ),
    stages: v.optional(
      v.pipe(
        mapByName({ name: environmentName, accepted: "a map by environment" }, environmentStages),
        v.description("By environment: what happens to the violations and patches of each policy."),
      ),
      {},
    ),
    allowlists: v.optional(v.pipe(listOf(allowlist), v.description("Where exceptions are read from.")), []),
    exceptions: v.optional(v.pipe(exceptions, v.description("How exceptions are applied.")), {}),
    breakglass: v.optional(
      v.pipe(breakglassSchema, v.description("Identities whose own requests pass every policy.")),
      {},
    ),
    critical: v.optional(
      v.pipe(
        listOf(critical),
        v.description("Components that are never refused or changed. A given list replaces the default."),
      ),
      DEFAULT_CRITICAL_ENTRIES,
    ),
    failure: v.optional(
      v.pipe(failure, v.description("How a request is answered whose policies could not all be evaluated.")),
      {},
    ),
    serve: v.optional(v.pipe(serveSchema, v.description("Addresses and certificate of kp serve.")), {}),
  }),
  v.title("kube-policies.yaml"),
  v.description("The configuration of kube-policies."),
);
