import type { Builtins } from "../builtin.ts";
import { cidrBuiltins } from "./cidr.ts";
import { cryptoBuiltins } from "./crypto.ts";
import { encodingBuiltins } from "./encoding.ts";
import { globBuiltins } from "./glob.ts";
import { jsonBuiltins } from "./json.ts";
import { objectBuiltins } from "./objects.ts";
import { semverBuiltins } from "./semver.ts";
import { sprintfBuiltins } from "./sprintf.ts";
import { stringBuiltins } from "./strings.ts";
import { unitBuiltins } from "./units.ts";

const LIGHT: Builtins = {
  ...cidrBuiltins,
  ...cryptoBuiltins,
  ...encodingBuiltins,
  ...globBuiltins,
  ...jsonBuiltins,
  ...objectBuiltins,
  ...semverBuiltins,
  ...sprintfBuiltins,
  ...stringBuiltins,
  ...unitBuiltins,
};

/** What takes time to load, by what its names begin with: loaded for a module that asks for one of them. */
const HEAVY: readonly (readonly [RegExp, () => Promise<Builtins>])[] = [
  [/^providers\.aws\./, async () => (await import("./aws.ts")).awsBuiltins],
  [/^graphql\./, async () => (await import("./graphql.ts")).graphqlBuiltins],
  [/^io\.jwt\./, async () => (await import("./jwt.ts")).jwtBuiltins],
  [/^regex\./, async () => (await import("./regex.ts")).regexBuiltins],
  [/^json\.(match|verify)_schema$/, async () => (await import("./schema.ts")).schemaBuiltins],
  [/^strings\.render_template$/, async () => (await import("./template.ts")).templateBuiltins],
  [/^time\./, async () => (await import("./time.ts")).timeBuiltins],
  [/^crypto\.(x509\.|parse_)/, async () => (await import("./x509.ts")).x509Builtins],
  [/^yaml\./, async () => (await import("./yaml.ts")).yamlBuiltins],
];

/**
 * The built-in functions that the host supplies, with at least those of these names that there are; the others of OPA
 * are compiled into the module.
 */
export async function builtinsFor(names: readonly string[]): Promise<Builtins> {
  const asked = HEAVY.filter(([pattern]) => names.some((name) => pattern.test(name)));
  const loaded = await Promise.all(asked.map(([, load]) => load()));
  return Object.assign({}, LIGHT, ...loaded);
}

/** All of them. */
export async function everyBuiltin(): Promise<Builtins> {
  return Object.assign({}, LIGHT, ...await Promise.all(HEAVY.map(([, load]) => load())));
}
