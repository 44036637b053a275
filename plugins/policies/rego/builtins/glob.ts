import { type Builtins, text } from "../builtin.ts";

/** What OPA leaves to the host of topdown/glob.go. */
export const globBuiltins: Builtins = {
  "glob.quote_meta": ([pattern]) => text(pattern, 1).replace(/[*?\\[\]{}]/g, "\\$&"),
};
