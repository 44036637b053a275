/** Tools that are not part of the project: on the PATH, but for what the environment names. */
export const OPA = Deno.env.get("KP_OPA") ?? "opa";
export const REGAL = Deno.env.get("KP_REGAL") ?? "regal";

/** Why these cannot be run here; undefined where they can. */
export function missingTools(...tools: readonly string[]): string | undefined {
  const missing = tools.filter((tool) => !isThere(tool));
  return missing.length === 0 ? undefined : `without ${missing.join(", ")}`;
}

function isThere(tool: string): boolean {
  try {
    new Deno.Command(tool, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What a tool prints on both outputs. Throws it where the tool fails. */
export async function output(
  tool: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(tool, { ...options, args: [...args], stdin: "null" })
    .output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  if (success) return text;
  throw new Error(`${tool} ${args.join(" ")}: ${text}`);
}
