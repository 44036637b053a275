import assert from "node:assert/strict";
import type { PolicyFactory } from "../../src/contract.ts";
import { CASE_FILES, POLICIES } from "./policy_cases.ts";
import { testPolicy } from "./policy_suite.ts";

for (const name of policyNames()) {
  const { default: factory }: { default: PolicyFactory } = await import(new URL(`${name}/policy.ts`, POLICIES).href);
  Deno.test(`${name}: the case files are the four of every policy`, () => {
    assert.deepEqual(fileNames(new URL(`${name}/cases/`, POLICIES)), [...CASE_FILES]);
  });
  testPolicy(factory, name);
}

function policyNames(): string[] {
  const folders = [...Deno.readDirSync(POLICIES)].filter(({ isDirectory }) => isDirectory);
  return folders.map(({ name }) => name).filter((name) =>
    fileNames(new URL(`${name}/`, POLICIES)).includes("policy.ts")
  )
    .toSorted();
}

function fileNames(folder: URL): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
