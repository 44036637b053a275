/** A policy module's code, not yet run. */
export interface PolicyModule {
  /** JavaScript that loads nothing. */
  readonly code: string;
  /** `sha256:<hex>` of the file's bytes. */
  readonly digest: string;
}

/**
 * Reads a policy module (TypeScript or JavaScript, one file) and runs none of it: types are stripped, and code that
 * could load more code is refused by its syntax tree. Throws an Error that says what is wrong, with line and column.
 */
export async function readPolicyModule(bytes: Uint8Array<ArrayBuffer>): Promise<PolicyModule> {
  const digest = `sha256:${new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()}`;
  const code = await stripTypes(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  await refuseImports(code);
  return { code, digest };
}

/** Lines and columns stay as they were. Loaded on demand: 60 ms that a run without third-party policies need not pay. */
async function stripTypes(source: string): Promise<string> {
  const { transformSync } = await import("amaro");
  try {
    return transformSync(source, { mode: "strip-only" }).code;
  } catch (error) {
    const { message, startLine, startColumn } = error as { message?: string; startLine?: number; startColumn?: number };
    const place = startLine === undefined ? "" : ` at ${startLine}:${(startColumn ?? 0) + 1}`;
    throw new SyntaxError(`Cannot strip the types${place}: ${message ?? error}`);
  }
}

async function refuseImports(code: string): Promise<void> {
  const [{ parse }, { simple }] = await Promise.all([import("acorn"), import("acorn-walk")]);
  const refuse = (found: string) => ({ loc }: { loc?: { start: { line: number; column: number } } | null }) => {
    const { line, column } = loc!.start;
    throw new SyntaxError(`Cannot use the module: found ${found} at ${line}:${column + 1}, accepted: import type only`);
  };
  const tree = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true });
  simple(tree, {
    ImportDeclaration: refuse("an import"),
    ImportExpression: refuse("import()"),
    MetaProperty: (node) => node.meta.name === "import" && refuse("import.meta")(node),
    ExportAllDeclaration: refuse("an export from another module"),
    ExportNamedDeclaration: (node) => node.source && refuse("an export from another module")(node),
  });
}
