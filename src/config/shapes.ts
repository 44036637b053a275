import * as v from "valibot";

/** A map with these keys and no others. Valibot's own strict object reports only the first unknown key. */
export function mapOf<const Entries extends v.ObjectEntries>(entries: Entries): v.StrictObjectSchema<Entries, string> {
  const keys = Object.keys(entries);
  const accepted = ({ expected }: v.ObjectWithRestIssue) => {
    const missing = keys.find((key) => expected === `"${key}"`);
    return missing === undefined ? `a map of ${keys.join(", ")}` : acceptedBy(entries[missing]);
  };
  const schema = v.objectWithRest(entries, v.never(keys.join(", ")), accepted);
  return notAList(schema, `a map of ${keys.join(", ")}`) as unknown as v.StrictObjectSchema<Entries, string>;
}

function acceptedBy(entry: v.ObjectEntries[string]): string {
  return v.safeParse(entry as v.GenericSchema, undefined).issues?.[0].message ?? "a value";
}

/** A map of any names to the same thing; `accepted` says what names. */
export function mapByName<Value extends v.GenericSchema>(
  { name, accepted }: { name: v.GenericSchema<string, string>; accepted: string },
  value: Value,
) {
  return notAList(v.record(name, value, accepted), accepted);
}

export function listOf<Item extends v.GenericSchema>(item: Item) {
  return v.array(item, "a list");
}

/** Valibot takes a list for an object: `stages: []` would be the same as no stages. */
export function notAList<Schema extends v.GenericSchema>(schema: Schema, accepted: string): Schema {
  const refusal = v.custom<never>(() => false, accepted);
  return {
    ...schema,
    "~run": (dataset, config) => (Array.isArray(dataset.value) ? refusal : schema)["~run"](dataset, config),
  };
}

/** Refuses what `refused` gives a text for: what is accepted instead, and why. */
export function refusing(refused: (text: string) => string | null) {
  return v.check<string, (issue: v.CheckIssue<string>) => string>(
    (text) => refused(text) === null,
    ({ input }) => refused(input) ?? "another value",
  );
}

export function oneOf<const Word extends string>(words: readonly Word[]) {
  return v.picklist(words, words.join(", "));
}

export function wholeNumber(least: number, most: number) {
  const accepted = `a whole number of ${least} to ${most}`;
  return v.pipe(v.number(accepted), v.integer(accepted), v.minValue(least, accepted), v.maxValue(most, accepted));
}

export function secondsBetween(least: number, most: number) {
  const accepted = `a number of ${least} to ${most}`;
  return v.pipe(v.number(accepted), v.minValue(least, accepted), v.maxValue(most, accepted));
}

export const failureMode = oneOf(["closed", "open"]);

export const path = v.pipe(v.string("a path"), v.nonEmpty("a path"));

/** Options of something that is used. */
export const settings = v.pipe(v.unknown(), v.description("Settings of its own, checked by what is used."));

/** A name that is compared exactly. */
export const exactName = v.pipe(
  v.string("a name"),
  v.regex(/^[^\s*]+$/, "an exact name, without * or spaces"),
);

/** Options that hold for single namespaces. */
export function mapByNamespace<Value extends v.GenericSchema>(value: Value) {
  return mapByName({ name: exactName, accepted: "a map by namespace" }, value);
}
