import type { BundleFiles } from "./bundle_files.ts";
import type { Builtins } from "./builtin.ts";

const ELSEWHERE = "rules decide by the review and by data; what comes from elsewhere is for an allowlist provider";

/** Built-in functions that no bundle gets: each answer of theirs may be another. */
const REFUSED: Readonly<Record<string, string>> = {
  "http.send": ELSEWHERE,
  "net.lookup_ip_addr": ELSEWHERE,
  "opa.runtime": "the environment's name is data.environment",
  "rand.intn": "the same request gets the same answer",
  "uuid.rfc4122": "the same request gets the same answer",
  "rego.parse_module": "rules are compiled before they are loaded",
};

/** What is wrong with the built-in functions that a module asks for; none when all of them are there. */
export function builtinFaults(
  names: readonly string[],
  { builtins, files, entrypoints }: { builtins: Builtins; files: BundleFiles; entrypoints: readonly string[] },
): string[] {
  const sources = [...files].filter(([file]) => file.endsWith(".rego"))
    .map(([file, bytes]) => ({ file, code: withoutComments(new TextDecoder().decode(bytes)) }));
  // `opa build` leaves the rules of an entrypoint's package out of the sources it puts beside the module.
  const packages = new Set(entrypoints.map((entrypoint) => entrypoint.split("/").slice(0, -1).join(".")));
  const unknown = sources.filter(({ code }) => packages.has(/^package\s+(\S+)/m.exec(code)?.[1] ?? ""));
  return names.filter((name) => !Object.hasOwn(builtins, name)).map((name) => {
    const calling = sources.filter(({ code }) => code.includes(`${name}(`));
    const where = (calling.length > 0 ? calling : unknown).map(({ file }) => file).toSorted().join(" or ") || "a rule";
    const why = REFUSED[name] ?? "accepted: those of OPA 1.22 that are pure";
    return `found the built-in function ${name} in ${where}: ${why}`;
  });
}

function withoutComments(source: string): string {
  return source.split("\n").map((line) => line.replace(/^\s*#.*/, "")).join("\n");
}
