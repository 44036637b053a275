import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { withFiles } from "../run_fixture.ts";
import { ask, askBy, pem, serveTls } from "../tls_fixture.ts";

const PAIRS = [
  { "tls.crt": pem("localhost.crt"), "tls.key": pem("localhost.key") },
  { "tls.crt": pem("renewed.crt"), "tls.key": pem("other.key") },
] as const;

type Pair = typeof PAIRS[number];

/** By a rename of each file, as certbot does and most scripts. */
async function renameOver(folder: string, pair: Pair): Promise<void> {
  for (const [name, text] of Object.entries(pair)) await Deno.writeTextFile(`${folder}/${name}.new`, text);
  for (const name of Object.keys(pair)) Deno.renameSync(`${folder}/${name}.new`, `${folder}/${name}`);
}

/** As the kubelet replaces a mounted Secret: files are links into `..data`, a link to a folder that is swapped whole. */
async function swapData(folder: string, pair: Pair): Promise<void> {
  const version = `..${crypto.randomUUID()}`;
  await Deno.mkdir(`${folder}/${version}`);
  for (const [name, text] of Object.entries(pair)) await Deno.writeTextFile(`${folder}/${version}/${name}`, text);
  await Deno.symlink(version, `${folder}/..data_tmp`);
  await Deno.rename(`${folder}/..data_tmp`, `${folder}/..data`);
}

async function mountSecret(folder: string): Promise<void> {
  await swapData(folder, PAIRS[0]);
  for (const name of Object.keys(PAIRS[0])) {
    await Deno.remove(`${folder}/${name}`);
    await Deno.symlink(`..data/${name}`, `${folder}/${name}`);
  }
}

const ROTATIONS = 20;

for (
  const [name, { prepare, rotate }] of Object.entries({
    "renamed files": { prepare: () => Promise.resolve(), rotate: renameOver },
    "a swapped Secret": { prepare: mountSecret, rotate: swapData },
  })
) {
  Deno.test({
    name: `no request is lost over ${ROTATIONS} rotations by ${name}, and new connections get the new certificate`,
    sanitizeOps: false,
    sanitizeResources: false, // the server's side of closed connections
    fn: () =>
      withFiles(PAIRS[0], async (folder) => {
        await prepare(folder);
        const files = { cert: `${folder}/tls.crt`, key: `${folder}/tls.key` };
        await using server = await serveTls(files, { everyMs: 100 });
        const agent = new Agent({ keepAlive: true, maxSockets: 4 });
        const rotated = new AbortController();
        const clients = Array.from({ length: 4 }, () => askUntil(rotated.signal, { agent, origin: server.origin }));
        try {
          for (let round = 1; round <= ROTATIONS; round++) {
            const replaced = server.logged("certificate_replaced");
            await rotate(folder, PAIRS[round % 2]);
            await replaced;
            const { served } = await ask(server);
            assert.equal(served, new X509Certificate(PAIRS[round % 2]["tls.crt"]).fingerprint256);
          }
        } finally {
          rotated.abort();
        }
        const answered = (await Promise.all(clients)).reduce((sum, count) => sum + count);
        agent.destroy();
        assert.ok(answered > ROTATIONS * 4, `${answered} requests`);
        assert.equal(server.asked.length, answered + ROTATIONS);
        assert.deepEqual(server.log.map(({ event }) => event), Array(ROTATIONS).fill("certificate_replaced"));
      }),
  });
}

/** How many requests were answered, one after the other; rejects with the first that was not. */
async function askUntil(signal: AbortSignal, { agent, origin }: { agent: Agent; origin: string }): Promise<number> {
  let answered = 0;
  while (!signal.aborted) {
    const { body } = await askBy(agent, { origin });
    assert.equal(body, "served");
    answered++;
  }
  return answered;
}
