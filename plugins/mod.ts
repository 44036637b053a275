import type { AllowlistFactory } from "../src/contract.ts";
import file from "./allowlists/file.ts";

/** Every allowlist provider that is shipped, by the name that `allowlists[].use` has. */
export const allowlistProviders: Record<string, AllowlistFactory> = { file };
