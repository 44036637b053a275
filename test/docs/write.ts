/** Brings the pages up to date: the tables of policies, and what the commands in their examples print. */
import { DOCS, readPage } from "./markdown.ts";
import { withTables } from "./policy_table.ts";
import { withOutputs } from "./terminal.ts";

/** The pages whose examples are run. */
export const PAGES = ["policies.md", "writing_policies.md", "serve.md", "check.md", "replay.md"];

export async function upToDate(page: string): Promise<string> {
  return await withOutputs(withTables(page));
}

if (import.meta.main) {
  for (const name of PAGES) {
    const page = await readPage(name);
    const written = await upToDate(page);
    if (written === page) continue;
    await Deno.writeTextFile(new URL(name, DOCS), written);
    console.log(`${name} was brought up to date`);
  }
}
