import type { AdmissionRequest, Fields } from "../src/contract.ts";
import { requestFor } from "../src/requests.ts";

/** A pod that every policy of the restricted profile and of the platform allows. */
export function goodPod(spec: Fields = {}, metadata: Fields = {}): Fields {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "payments", ...metadata },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [goodContainer()],
      ...spec,
    },
  };
}

export function goodContainer(fields: Fields = {}): Fields {
  return {
    name: "app",
    image: "registry.example.com/team/app:1",
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    ...fields,
  };
}

/** The request to create an object, or what `changes` make of it. */
export function requestOf(object: Fields, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const caller = { operation: "CREATE", username: "alice", groups: ["dev", "system:authenticated"] } as const;
  return { ...requestFor(object, caller), uid: "11111111-2222-3333-4444-555555555555", dryRun: false, ...changes };
}

/** The same in the envelope that the API server sends. */
export function reviewOf(request: AdmissionRequest, apiVersion = "admission.k8s.io/v1"): Fields {
  return { apiVersion, kind: "AdmissionReview", request };
}
