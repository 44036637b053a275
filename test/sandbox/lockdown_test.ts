import { LOCKDOWN } from "./lockdown_suite.ts";

for (const [name, run] of Object.entries(LOCKDOWN)) Deno.test(name, () => run({}));
