import assert from "node:assert/strict";
import { Bundles } from "../../src/bundles.ts";
import { load } from "../../src/load.ts";
import { runKp, withFiles } from "../run_fixture.ts";
import { SECRET, writeSigned } from "./signed_folder.ts";

const ENV: Record<string, string> = { BUNDLE_KEY: SECRET, OTHER_KEY: `${SECRET}.`, EMPTY: "" };

/** Loads the bundle of a folder of that revision with that `verify`; says what is wrong, or its revision. */
async function verdictOn(
  revision: string,
  verify: string,
  bundles = new Bundles((name) => ENV[name]),
): Promise<string> {
  return await withFiles(
    { "kp.yaml": `policies: [{ use: ./acme, ${verify} }]` },
    async (folder) => {
      await writeSigned(`${folder}/acme`, revision);
      const options = { file: `${folder}/kp.yaml`, environment: undefined, bundles };
      try {
        const loaded = await load({ ...options, fallback: { validate: "deny", mutate: "off" } });
        bundles.accept(loaded);
        return `revision ${loaded.policies[0].bundleRevision}`;
      } catch (error) {
        return (error as Error).message.replace(/^.*which does not load /, "");
      }
    },
  );
}

const KEY = "key: { env: BUNDLE_KEY }";

const VERDICTS: Record<string, { revision: string; verify: string; verdict: RegExp }> = {
  "its key": { revision: "1", verify: `verify: { ${KEY} }`, verdict: /^revision 1$/ },
  "another key": {
    revision: "1",
    verify: "verify: { key: { env: OTHER_KEY } }",
    verdict: /signature: found one that the key did not make/,
  },
  "a variable that is not set": {
    revision: "1",
    verify: "verify: { key: { env: NO_KEY } }",
    verdict: /found no value in the environment variable NO_KEY/,
  },
  "a scope that it does not have": {
    revision: "1",
    verify: `verify: { ${KEY}, scope: prod }`,
    verdict: /scope: found none, accepted "prod"/,
  },
  "a key id that it does not have": {
    revision: "1",
    verify: `verify: { ${KEY}, keyId: other }`,
    verdict: /key id: found none, accepted "other"/,
  },
  "a variable that is empty": {
    revision: "1",
    verify: "verify: { key: { env: EMPTY } }",
    verdict: /found no value in the environment variable EMPTY/,
  },
  "no verify": { revision: "1", verify: "options: {}", verdict: /found a signed bundle and no verify/ },
  "its revision as the least": {
    revision: "2026.1.0",
    verify: `verify: { ${KEY}, minRevision: "2026.1.0" }`,
    verdict: /^revision 2026.1.0$/,
  },
  "a newer revision as the least": {
    revision: "9",
    verify: `verify: { ${KEY}, minRevision: "10" }`,
    verdict: /found revision "9", accepted "10" and later/,
  },
  "a revision that cannot be compared": {
    revision: "main-4f2c",
    verify: `verify: { ${KEY}, minRevision: "10" }`,
    verdict: /found revision "main-4f2c", which cannot be compared with minRevision "10"/,
  },
};

for (const [name, { revision, verify, verdict }] of Object.entries(VERDICTS)) {
  Deno.test(`a signed bundle with ${name} is judged so`, async () => {
    assert.match(await verdictOn(revision, verify), verdict);
  });
}

Deno.test("a verified bundle is not replaced by an older one, in one process", async () => {
  // The folder is another one each time: `use` is what names a bundle.
  const bundles = new Bundles((name) => ENV[name]);
  const verify = `verify: { ${KEY} }`;
  assert.equal(await verdictOn("2", verify, bundles), "revision 2");
  assert.match(await verdictOn("1", verify, bundles), /found revision "1", accepted "2" and later/);
  assert.equal(await verdictOn("2", verify, bundles), "revision 2");
  assert.equal(await verdictOn("3", verify, bundles), "revision 3");
  assert.match(await verdictOn("2", verify, bundles), /found revision "2", accepted "3" and later/);
});

Deno.test("an unsigned bundle is refused where verify is on", async () => {
  await withFiles({ "kp.yaml": `policies: [{ use: ./acme, verify: { ${KEY} } }]` }, async (folder) => {
    await writeSigned(`${folder}/acme`, "1");
    await Deno.remove(`${folder}/acme/.signatures.json`);
    const { code, err } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`], { env: ENV });
    assert.equal(code, 2);
    assert.match(
      err,
      /kp\.yaml:1:19: policies\[0\]\.use: found \.\/acme, which does not load \(.*unsigned.*\), accepted an/,
    );
  });
});

Deno.test("a revision that cannot be ordered between two does not open the way back", async () => {
  const bundles = new Bundles((name) => ENV[name]);
  const verify = `verify: { ${KEY} }`;
  assert.equal(await verdictOn("7", verify, bundles), "revision 7");
  assert.equal(await verdictOn("abc", verify, bundles), "revision abc");
  assert.match(await verdictOn("3", verify, bundles), /found revision "3", accepted "7" and later/);
});

const REFUSED: Record<string, { entry: string; message: RegExp }> = {
  "a key's file that is missing": {
    entry: "{ use: ./acme, verify: { key: absent.pem } }",
    message: /verify\.key: found no file .*absent\.pem/,
  },
  "fetch of a path": {
    entry: "{ use: ./acme, fetch: { timeoutSeconds: 1 } }",
    message: /policies\[0\]\.fetch: found fetch of \.\/acme, which is at no address/,
  },
  "a password without a user": {
    entry: "{ use: 'https://a.example/b.tar.gz', fetch: { password: { env: X } } }",
    message: /policies\[0\]\.fetch: .*accepted username with password/,
  },
  "a user beside a token": {
    entry: "{ use: 'https://a.example/b.tar.gz', fetch: { username: a, token: { env: X } } }",
    message: /policies\[0\]\.fetch: .*accepted username and password, or token/,
  },
  "an address that holds secrets": {
    entry: "{ use: 'http://ci:s3cret@a.example/b.tar.gz?token=s3cret' }",
    message: /policies\[0\]\.use: found "http:\/\/\.\.\.@a\.example\/b\.tar\.gz\?\.\.\.", accepted /,
  },
  "the name default": {
    entry: "{ use: ./acme, verify: { key: { env: BUNDLE_KEY } }, options: { name: default } }",
    message: /options\.name: found "default", accepted any other name/,
  },
};

for (const [name, { entry, message }] of Object.entries(REFUSED)) {
  Deno.test(`a config with ${name} is refused at its place`, async () => {
    await withFiles({ "kp.yaml": `policies: [${entry}]` }, async (folder) => {
      await writeSigned(`${folder}/acme`, "1");
      const { code, err } = await runKp(["config", "print", "-c", `${folder}/kp.yaml`], { env: ENV });
      assert.equal(code, 2);
      assert.match(err, message);
      assert.doesNotMatch(err, /s3cret/);
    });
  });
}
