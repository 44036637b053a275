import type { PolicyFactory } from "../../src/contract.ts";

/** A policy module's code: what was read, what was checked and what is imported are the same bytes. */
export interface PolicyModule {
  /** The module's default export, not yet looked at. */
  readonly factory: PolicyFactory;
  /** `sha256:<hex>` of the file's bytes. */
  readonly digest: string;
}

/**
 * Imports a policy module (TypeScript or JavaScript, one file) without reading it twice: types are stripped, code
 * that could load more code is refused by its syntax tree, and those bytes are imported as a `data:` URL.
 * Throws an Error that says what is wrong, with line and column.
 */
export async function importPolicyModule(bytes: Uint8Array<ArrayBuffer>): Promise<PolicyModule> {
  const digest = `sha256:${new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()}`;
  const code = await stripTypes(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  await refuseImports(code);
  const url = `data:text/javascript;base64,${new TextEncoder().encode(code).toBase64()}`;
  const { default: factory } = await import(url);
  if (typeof factory !== "function") {
    throw new TypeError(`Cannot use the module: its default export is ${typeof factory}, accepted: (kit) => policy`);
  }
  return { factory, digest };
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
