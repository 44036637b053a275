import type { CriticalEntry, CriticalKind } from "../core/bypass.ts";

export const DEFAULT_POLICIES = [{ use: "platform" }, { use: "pod-security", options: { level: "baseline" } }];

/** What the injectors of Istio, Linkerd, Consul and Kuma add, with their own CNI plugins and without. */
export const DEFAULT_INJECTED_CONTAINERS = [
  "istio-proxy",
  "istio-init",
  "istio-validation",
  "linkerd-proxy",
  "linkerd-init",
  "linkerd-network-validator",
  "consul-dataplane",
  "consul-connect-inject-init",
  "kuma-sidecar",
  "kuma-init",
  "kuma-validation",
];

const DEFAULT_CRITICAL: Partial<Record<CriticalKind, string[]>> = {
  DaemonSet: [
    "kube-proxy",
    "aws-node",
    "azure-npm",
    "antrea-agent",
    "calico-node",
    "canal",
    "cilium",
    "cilium-envoy",
    "kindnet",
    "kube-flannel-ds",
    "kube-router",
    "weave-net",
  ],
  Deployment: [
    "coredns",
    "kube-dns",
    "antrea-controller",
    "calico-kube-controllers",
    "calico-typha",
    "cilium-operator",
  ],
};

/** In kube-system alone: another namespace may not exist yet, and whoever creates it would own what is critical. */
export const DEFAULT_CRITICAL_ENTRIES: CriticalEntry[] = Object.entries(DEFAULT_CRITICAL).flatMap(([kind, names]) =>
  names.map((name) => ({ namespace: "kube-system", kind: kind as CriticalKind, name }))
);

export const DEFAULT_FAILURE_NAMESPACES = { "kube-system": "open", "kube-node-lease": "open" } as const;
