import fc from "fast-check";
import type { Fields } from "../../src/contract.ts";
import { isFields } from "../../src/core/malformed.ts";

/**
 * What else a manifest may hold where a field belongs. Objects have one key at most: where a name belongs a message shows
 * them, and Rego knows no order of keys.
 */
export function oddValues(): fc.Arbitrary<unknown> {
  const usual = [null, true, false, 0, 1, 7, "", "0", "true", "ALL", "SYS_ADMIN", [], {}, [null], [{}], ["ALL"], [[]]];
  const any = fc.jsonValue({ maxDepth: 1 }).filter((value) => !isFields(value) || Object.keys(value).length < 2);
  return fc.oneof(fc.constantFrom(...usual), any);
}

/** A copy of an object with one value somewhere in it replaced. */
export function withOddValue(object: Fields, { place, value }: { place: number; value: unknown }): Fields {
  const copy = structuredClone(object);
  const places = placesIn(copy);
  const [holder, key] = places[place % places.length];
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
  return copy as Fields;
}

/** Every value but what says which kind of object it is. */
function placesIn(root: object): [holder: object, key: string][] {
  const places: [object, string][] = [];
  const collect = (holder: object) => {
    for (const [key, value] of Object.entries(holder)) {
      if (holder !== root || !["apiVersion", "kind"].includes(key)) places.push([holder, key]);
      if (typeof value === "object" && value !== null) collect(value);
    }
  };
  collect(root);
  return places;
}
