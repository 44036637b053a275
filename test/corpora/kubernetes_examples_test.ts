import assert from "node:assert/strict";
import type { CheckReport } from "../../src/report/check_report.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { corpusTest } from "./corpus.ts";
import { untar } from "./tar.ts";

const CORPUS = "kubernetes-examples-manifests.tar.gz";

/** Templates with `{{ }}` in them, keys that stand twice, and configuration of other programs. */
const UNREADABLE = [
  "_archived/newrelic-infrastructure/newrelic-config-template.yaml",
  "_archived/newrelic/newrelic-config-template.yaml",
  "_archived/openshift-origin/etcd-controller.yaml",
  "_archived/openshift-origin/etcd-discovery-controller.yaml",
  "_archived/openshift-origin/openshift-controller.yaml",
  "_archived/persistent-volume-provisioning/quobyte/quobyte-admin-secret.yaml",
  "_archived/storage/vitess/etcd-controller-template.yaml",
  "_archived/storage/vitess/etcd-service-template.yaml",
  "_archived/storage/vitess/vtgate-controller-template.yaml",
  "_archived/volumes/scaleio/sc-pvc.yaml",
  "databases/cassandra/image/files/cassandra.yaml",
  "databases/cassandra/java/src/test/resources/cassandra.yaml",
];

/** Comments alone. */
const EMPTY = ["_archived/newrelic/newrelic-config.yaml"];

corpusTest("kp check reads the manifests that people write, and names each file that it cannot read", {
  file: CORPUS,
  async run(path) {
    const files = await untar(path);
    assert.equal(files.size, 246);
    await withFiles(Object.fromEntries(files), async (folder) => {
      const { code, out, err } = await runKp(["check", "--recursive", "--output", "json", folder]);
      const { results, errors, summary }: CheckReport = JSON.parse(out);
      assert.deepEqual({ code, err }, { code: 2, err: "" });
      assert.deepEqual([summary.objects, summary.failures, summary.errors], [262, 0, 12]);
      assert.deepEqual(errors.map(({ file }) => file.slice(folder.length + 1)).sort(), UNREADABLE);
      for (const { message } of errors) assert.match(message, /^Cannot (read|judge) .*\bline \d+\b/);
      const workloads = /^(Pod|ReplicationController|Deployment|StatefulSet|DaemonSet)$/;
      const judged = results.filter(({ object }) => workloads.test(object.kind));
      assert.equal(judged.length, 118);
      assert.deepEqual(results.filter(({ violations }) => violations.length > 0), judged);
    });
  },
});

corpusTest("kp check ends every manifest that people write with an exit code that fits", {
  file: CORPUS,
  async run(path) {
    const files = await untar(path);
    const codes: Record<number, string[]> = { 0: [], 1: [], 2: [], 3: [] };
    for (const [name, text] of files) {
      const { code, out, err } = await runKp(["check", "-"], { stdin: text });
      assert.match(err, code === 3 ? /^kp: Nothing was checked: / : /^$/);
      assert.equal(code === 2, /^-: error: Cannot /m.test(out), name);
      codes[code].push(name);
    }
    assert.deepEqual(codes[2].sort(), UNREADABLE);
    assert.deepEqual(codes[3], EMPTY);
    assert.deepEqual([codes[0].length, codes[1].length], [117, 116]);
  },
});
