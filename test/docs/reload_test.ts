import assert from "node:assert/strict";
import { withFiles } from "../run_fixture.ts";
import { until } from "../process_fixture.ts";
import { serve, type Serving } from "../serve_fixture.ts";
import { codeIn, readPage, rowsOf } from "./markdown.ts";

const page = await readPage("serve.md");

const CONFIG = `
policies: [{ use: host_network }]
allowlists: [{ use: file, options: { path: exceptions.yaml } }]
`;

/** Has it log what the act brings. */
async function brings(server: Serving, event: string, act: () => unknown): Promise<void> {
  await act();
  await until(() => server.log().some((line) => line.event === event), event);
}

Deno.test("docs/serve.md lists the events of reloads, with their fields", () =>
  withFiles({ "kp.yaml": CONFIG, "exceptions.yaml": "" }, async (folder) => {
    const server = await serve(["--insecure-http", "--evaluators", "0", "--config", `${folder}/kp.yaml`]);
    const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
    await brings(server, "policies_replaced", () => server.hangup());
    await brings(server, "allowlist_replaced", () => write("exceptions.yaml", "# others"));
    await brings(server, "allowlist_not_replaced", () => write("exceptions.yaml", "prod: ["));
    await brings(server, "policies_not_replaced", () => write("kp.yaml", "policies: ["));
    assert.equal(await server.stop(), 0);

    const described = new Map(rowsOf(page, "Event of reloads").map(([event, fields]) => [codeIn(event)[0], fields]));
    for (const { time: _, event, ...fields } of server.log()) {
      if (["serving", "stopping", "notice"].includes(event)) continue;
      const alternatives = codeIn(described.get(event)!).filter((field) => field !== "bundles");
      assert.deepEqual(Object.keys(fields), alternatives, event);
      described.delete(event);
    }
    assert.deepEqual([...described.keys()], ["policies_not_closed", "bundle_not_fetched"]);
  }));
