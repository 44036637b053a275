export const KEYS = "environment, policies, stages, allowlists, exceptions, breakglass, critical, failure, serve";
const USE = "the name of a shipped policy, a path (./name.ts, ../name.js, ./bundle.tar.gz, ./bundle), or the " +
  "address of a bundle (https://..., oci://...)";
const STAGE = "off, monitor, warn, deny, dryrun, patch, or a map of validate, mutate";
export const ENVIRONMENT = "a name of up to 63 letters, digits, _ and -, such as dev or prod";
const EXACT = "an exact name, without * or spaces";
export const ADDRESS = "HOST:PORT, such as 0.0.0.0:8443 or [::]:8443, with a port of 0 to 65535";
const ENDS = "a prefix that ends in one of : / - @ . (else it matches longer names too)";
const NO_KUBE_SYSTEM = "a prefix that matches no system:serviceaccount:kube-system: name " +
  "(controllers there make the pods of everybody)";
const MAKES_PODS = "a user name of an operator (this account makes the pods of everybody)";
const LATER_ALIAS = "an alias of an earlier value, not of one around it";

const ALIAS_BOMB = [
  "a: &a [x, x, x, x, x]",
  ...["b", "c", "d", "e"].map((name, index) => {
    const alias = `*${"abcd"[index]}`;
    return `${name}: &${name} [${Array(5).fill(alias).join(", ")}]`;
  }),
].join("\n");

/** What parseConfig() refuses, and the lines it says: `<line>:<column>: ...`. */
export const REFUSED: Record<string, { text: string; lines: string[] }> = {
  "unknown keys": {
    text: "enviroment: prod\npolices: []\nzzz: 1",
    lines: [
      `1:1: enviroment: found unknown key "enviroment", accepted ${KEYS} (did you mean environment?)`,
      `2:1: polices: found unknown key "polices", accepted ${KEYS} (did you mean policies?)`,
      `3:1: zzz: found unknown key "zzz", accepted ${KEYS}`,
    ],
  },
  "unknown keys further down": {
    text:
      "policies:\n  - { use: a, option: {} }\nserve: { adress: x, tls: { cert: a, key: b, ca: c } }\nfailure: { valid: open }",
    lines: [
      `2:15: policies[0].option: found unknown key "option", accepted use, options, verify, fetch, failure, timeoutSeconds (did you mean options?)`,
      `3:10: serve.adress: found unknown key "adress", accepted listen, metrics, tls, drainSeconds, evaluators, limits, refreshSeconds`,
      `3:45: serve.tls.ca: found unknown key "ca", accepted cert, key, clientCA, clientSubjects`,
      `4:12: failure.valid: found unknown key "valid", accepted validate, mutate, namespaces`,
    ],
  },
  "a list instead of the file's map": {
    text: "- environment: prod",
    lines: [`1:1: found list, accepted a map of ${KEYS}`],
  },
  "text instead of the file's map": { text: "prod", lines: [`1:1: found "prod", accepted a map of ${KEYS}`] },
  "lists where maps belong, maps where lists belong, and nothing": {
    text: "stages: []\nbreakglass: []\npolicies: {}\nserve:\nallowlists:\n",
    lines: [
      "1:9: stages: found list, accepted a map by environment",
      "2:13: breakglass: found list, accepted a map of users, groups, usernamePrefixes",
      "3:11: policies: found map, accepted a list",
      "4:7: serve: found null, accepted a map of listen, metrics, tls, drainSeconds, evaluators, limits, refreshSeconds",
      "5:12: allowlists: found null, accepted a list",
    ],
  },
  "two documents": {
    text: "environment: a\n---\nenvironment: b",
    lines: ["2:1: found a second document, accepted one"],
  },
  "duplicate keys": {
    text: "environment: a\nserve:\n  listen: a:1\n  listen: b:2\nenvironment: b",
    lines: [
      `4:3: serve.listen: found key "listen" again (first at 3:3), accepted one`,
      `5:1: environment: found key "environment" again (first at 1:1), accepted one`,
    ],
  },
  "syntax errors": {
    text: "policies: [a,\nb: }",
    lines: [
      "2:1: found invalid YAML (Flow sequence in block collection must be sufficiently indented and end with a ]), " +
      "accepted YAML 1.2",
      '2:4: found invalid YAML (Unexpected flow-map-end token in YAML stream: "}"), accepted YAML 1.2',
    ],
  },
  "a tab as indentation": {
    text: "serve:\n\tlisten: a:1",
    lines: ["2:1: found invalid YAML (Tabs are not allowed as indentation), accepted YAML 1.2"],
  },
  "an alias bomb": { text: ALIAS_BOMB, lines: ["1:1: found aliases that expand too far, accepted fewer, or none"] },
  "aliases of nothing and of what they are in": {
    text: "policies: &p [*p]\nstages: *q",
    lines: [
      `1:15: policies[0]: found alias *p, accepted ${LATER_ALIAS}`,
      `2:9: stages: found alias *q, accepted ${LATER_ALIAS}`,
    ],
  },
  "lists nested without end": {
    text: "[".repeat(30_000) + "]".repeat(30_000),
    lines: ["1:1: found lists or maps nested too deep, accepted fewer levels"],
  },
  "tags": {
    text: "environment: !env NAME\nstages: !!set { prod }",
    lines: [
      "1:14: found invalid YAML (Unresolved tag: !env), accepted YAML 1.2",
      "2:9: found invalid YAML (Unresolved tag: tag:yaml.org,2002:set), accepted YAML 1.2",
    ],
  },
  "another version of YAML": {
    text: "%YAML 1.1\n---\nenvironment: off",
    lines: ["1:1: found %YAML 1.1, accepted YAML 1.2, which needs no directive"],
  },
  "a key that is a list": {
    text: "? [a]\n: b",
    lines: ["1:3: found a key that is not text, accepted text"],
  },
  "merge keys, which YAML 1.2 has not": {
    text: "serve: &s { listen: a:1 }\nfailure: { <<: *s }",
    lines: [`2:12: failure["<<"]: found unknown key "<<", accepted validate, mutate, namespaces`],
  },
  "keys that JavaScript objects have already": {
    text: "stages:\n  constructor: {}\n  prod: { __proto__: deny }\npolicies: [{ use: a, options: { prototype: 1 } }]",
    lines: [
      `2:3: stages.constructor: found key "constructor", accepted any other name`,
      `3:11: stages.prod.__proto__: found key "__proto__", accepted any other name`,
      `4:33: policies[0].options.prototype: found key "prototype", accepted any other name`,
    ],
  },
  "an environment that is not a name": {
    text: "environment: 1\nstages: { '*': {}, -x: {} }",
    lines: [
      "1:14: environment: found number 1, accepted a name such as dev or prod",
      `2:11: stages.*: found key "*", accepted ${ENVIRONMENT}`,
      `2:20: stages.-x: found key "-x", accepted ${ENVIRONMENT}`,
    ],
  },
  "an environment with a space": {
    text: "environment: my prod",
    lines: [`1:14: environment: found "my prod", accepted ${ENVIRONMENT}`],
  },
  "policies that cannot be used": {
    text: "policies:\n  - platform\n  - use: http://acme.example/a.tar.gz\n  - use: https://\n  - use: oci://[\n" +
      "  - options: {}\n  - use: Foo Bar\n  - use: file:///a\n  - use: 5\n  - use: ''",
    lines: [
      `2:5: policies[0]: found "platform", accepted a map of use, options, verify, fetch, failure, timeoutSeconds`,
      `3:10: policies[1].use: found "http://acme.example/a.tar.gz", accepted ${USE}`,
      `4:10: policies[2].use: found "https://", accepted ${USE}`,
      `5:10: policies[3].use: found "oci://[", accepted ${USE}`,
      `6:5: policies[4].use: found nothing, accepted ${USE}`,
      `7:10: policies[5].use: found "Foo Bar", accepted ${USE}`,
      `8:10: policies[6].use: found "file:///a", accepted ${USE}`,
      `9:10: policies[7].use: found number 5, accepted ${USE}`,
      `10:10: policies[8].use: found "", accepted ${USE}`,
    ],
  },
  "stages that are none": {
    text: "stages:\n  prod:\n    default: dny\n    a: false\n    b: { validate: dryrun, mutate: deny, mutat: x }\n" +
      "    c: [deny]\n    d:\n    e: { namespaces: { x: den, 'y*': off, z: { namespaces: {} } } }\n  dev: deny",
    lines: [
      `3:14: stages.prod.default: found "dny", accepted ${STAGE} (did you mean deny?)`,
      `4:8: stages.prod.a: found boolean false, accepted ${STAGE}; off is written without quotes`,
      `5:20: stages.prod.b.validate: found "dryrun", accepted off, monitor, warn, deny`,
      `5:36: stages.prod.b.mutate: found "deny", accepted off, dryrun, patch`,
      `5:42: stages.prod.b.mutat: found unknown key "mutat", accepted validate, mutate, namespaces (did you mean mutate?)`,
      `6:8: stages.prod.c: found list, accepted ${STAGE}`,
      `7:7: stages.prod.d: found null, accepted ${STAGE}`,
      `8:27: stages.prod.e.namespaces.x: found "den", accepted ${STAGE} (did you mean deny?)`,
      `8:32: stages.prod.e.namespaces.y*: found key "y*", accepted ${EXACT}`,
      `8:48: stages.prod.e.namespaces.z.namespaces: found unknown key "namespaces", accepted validate, mutate`,
      `9:8: stages.dev: found "deny", accepted a map of default and policies`,
    ],
  },
  "allowlists and injected containers that are none": {
    text: "allowlists: [file, { use: 1 }]\nexceptions: { injectedContainers: [a, '', 'istio-*', 1] }",
    lines: [
      `1:14: allowlists[0]: found "file", accepted a map of use, options`,
      "1:27: allowlists[1].use: found number 1, accepted the name of a provider",
      `2:39: exceptions.injectedContainers[1]: found "", accepted ${EXACT}`,
      `2:43: exceptions.injectedContainers[2]: found "istio-*", accepted ${EXACT}`,
      "2:54: exceptions.injectedContainers[3]: found number 1, accepted a name",
    ],
  },
  "breakglass users that would open the cluster": {
    text: "breakglass:\n  users:\n    - ''\n    - system:anonymous\n    - system:kube-controller-manager\n" +
      "    - system:serviceaccount:kube-system:replicaset-controller\n    - 7",
    lines: [
      `3:7: breakglass.users[0]: found "", accepted a user name`,
      `4:7: breakglass.users[1]: found "system:anonymous", accepted a user name (this is everybody who does not log in)`,
      `5:7: breakglass.users[2]: found "system:kube-controller-manager", accepted ${MAKES_PODS}`,
      `6:7: breakglass.users[3]: found "system:serviceaccount:kube-system:replicaset-controller", accepted ${MAKES_PODS}`,
      "7:7: breakglass.users[4]: found number 7, accepted a user name",
    ],
  },
  "breakglass groups that would open the cluster": {
    text: "breakglass:\n  groups:\n    - ''\n    - system:authenticated\n    - system:unauthenticated\n" +
      "    - system:serviceaccounts\n    - system:serviceaccounts:team-a",
    lines: [
      `3:7: breakglass.groups[0]: found "", accepted a group name`,
      `4:7: breakglass.groups[1]: found "system:authenticated", accepted a group of operators (everybody who logs in is ` +
      "in this one)",
      `5:7: breakglass.groups[2]: found "system:unauthenticated", accepted a group of operators (everybody who does not ` +
      "log in is in this one)",
      `6:7: breakglass.groups[3]: found "system:serviceaccounts", accepted a group of operators (this one is of ` +
      "workloads' accounts)",
      `7:7: breakglass.groups[4]: found "system:serviceaccounts:team-a", accepted a group of operators (this one is of ` +
      "workloads' accounts)",
    ],
  },
  "breakglass prefixes that would match by accident": {
    text:
      "breakglass:\n  usernamePrefixes:\n    - ''\n    - 'ops-*:'\n    - ops\n    - system:serviceaccount:flux-system",
    lines: [
      `3:7: breakglass.usernamePrefixes[0]: found "", accepted a prefix of user names (every name begins with the empty ` +
      "one)",
      `4:7: breakglass.usernamePrefixes[1]: found "ops-*:", accepted a literal prefix, without *`,
      `5:7: breakglass.usernamePrefixes[2]: found "ops", accepted ${ENDS}`,
      `6:7: breakglass.usernamePrefixes[3]: found "system:serviceaccount:flux-system", accepted ${ENDS}`,
    ],
  },
  "breakglass prefixes that match the control plane": {
    text: "breakglass:\n  usernamePrefixes:\n" + [
      "'system:'",
      "'system:serviceaccount:'",
      "system:serviceaccount:kube-",
      "'system:serviceaccount:kube-system:'",
      "system:serviceaccount:kube-system:job-",
      "system:kube-",
      "system:kube-scheduler-",
      "'system:node:'",
      "system:node:worker-",
      "system:apiserver-",
    ].map((prefix) => `    - ${prefix}\n`).join(""),
    lines: [
      `3:7: breakglass.usernamePrefixes[0]: found "system:", accepted ${NO_KUBE_SYSTEM}`,
      `4:7: breakglass.usernamePrefixes[1]: found "system:serviceaccount:", accepted ${NO_KUBE_SYSTEM}`,
      `5:7: breakglass.usernamePrefixes[2]: found "system:serviceaccount:kube-", accepted ${NO_KUBE_SYSTEM}`,
      `6:7: breakglass.usernamePrefixes[3]: found "system:serviceaccount:kube-system:", accepted ${NO_KUBE_SYSTEM}`,
      `7:7: breakglass.usernamePrefixes[4]: found "system:serviceaccount:kube-system:job-", accepted ${NO_KUBE_SYSTEM}`,
      `8:7: breakglass.usernamePrefixes[5]: found "system:kube-", accepted a prefix that does not match ` +
      "system:kube-controller-manager (it belongs to the control plane)",
      `9:7: breakglass.usernamePrefixes[6]: found "system:kube-scheduler-", accepted a prefix that does not match ` +
      "system:kube-scheduler (it belongs to the control plane)",
      `10:7: breakglass.usernamePrefixes[7]: found "system:node:", accepted a prefix that does not match ` +
      "system:node: (it belongs to the control plane)",
      `11:7: breakglass.usernamePrefixes[8]: found "system:node:worker-", accepted a prefix that does not match ` +
      "system:node: (it belongs to the control plane)",
      `12:7: breakglass.usernamePrefixes[9]: found "system:apiserver-", accepted a prefix that does not match ` +
      "system:apiserver (it belongs to the control plane)",
    ],
  },
  "critical entries that are not exact": {
    text: "critical:\n  - { namespace: kube-system, name: a }\n  - { namespace: '*', kind: Daemonset, name: 'a*' }\n" +
      "  - { namespace: '', kind: Node, name: a, labels: {} }",
    lines: [
      "2:5: critical[0].kind: found nothing, accepted Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob",
      `3:18: critical[1].namespace: found "*", accepted ${EXACT}`,
      `3:29: critical[1].kind: found "Daemonset", accepted Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, ` +
      "CronJob (did you mean DaemonSet?)",
      `3:46: critical[1].name: found "a*", accepted ${EXACT}`,
      `4:18: critical[2].namespace: found "", accepted ${EXACT}`,
      `4:28: critical[2].kind: found "Node", accepted Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob`,
      `4:43: critical[2].labels: found unknown key "labels", accepted namespace, kind, name`,
    ],
  },
  "failure modes that are none": {
    text: "failure: { validate: close, mutate: false, namespaces: { a: shut, 'b*': open } }",
    lines: [
      `1:22: failure.validate: found "close", accepted closed, open (did you mean closed?)`,
      "1:37: failure.mutate: found boolean false, accepted closed, open",
      `1:61: failure.namespaces.a: found "shut", accepted closed, open`,
      `1:67: failure.namespaces.b*: found key "b*", accepted ${EXACT}`,
    ],
  },
  "addresses that are none": {
    text: "serve: { listen: ':8443', metrics: 8081 }",
    lines: [
      `1:18: serve.listen: found ":8443", accepted ${ADDRESS}`,
      `1:36: serve.metrics: found number 8081, accepted ${ADDRESS}`,
    ],
  },
  "names of clients without a client CA": {
    text: "serve: { tls: { cert: tls.crt, key: tls.key, clientSubjects: [api-server] } }",
    lines: ["1:15: serve.tls: found map, accepted clientCA with clientSubjects"],
  },
  "a certificate without its key": {
    text: "serve: { tls: { cert: tls.crt } }",
    lines: ["1:15: serve.tls.key: found nothing, accepted a path"],
  },
  "a key without its certificate, and an empty path": {
    text: "serve: { tls: { key: '' } }",
    lines: [
      "1:15: serve.tls.cert: found nothing, accepted a path",
      `1:22: serve.tls.key: found "", accepted a path`,
    ],
  },
};
