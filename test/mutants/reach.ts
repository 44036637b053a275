const IMPORT = /\bfrom\s+"(\.[^"]+)"|^import\s+"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"\s*\)/gm;

/** The test files below a folder from which imports lead to a module, directly or not. */
export async function testsThatReach(module: URL, folder: URL): Promise<string[]> {
  const found: string[] = [];
  for (const file of await testFiles(folder)) if (await reaches(file, module)) found.push(file.pathname);
  return found.sort();
}

async function testFiles(folder: URL): Promise<URL[]> {
  const files: URL[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) files.push(...await testFiles(new URL(`${name}/`, folder)));
    else if (name.endsWith("_test.ts")) files.push(new URL(name, folder));
  }
  return files;
}

async function reaches(file: URL, module: URL, seen = new Set<string>()): Promise<boolean> {
  if (file.href === module.href) return true;
  if (seen.has(file.href)) return false;
  seen.add(file.href);
  for (const [, ...specifiers] of (await sourceOf(file)).matchAll(IMPORT)) {
    const specifier = specifiers.find((each) => each !== undefined)!;
    if (await reaches(new URL(specifier, file), module, seen)) return true;
  }
  return false;
}

/** Empty for a file that is not there: an import may stand in a text. */
async function sourceOf(file: URL): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
