import { type DerElement, TAG } from "./der.ts";
import { numbersOf, stringOf } from "./der_value.ts";

/** `pkix.Name` of Go with the names it has in JSON. */
export interface GoName {
  Country: string[] | null;
  Organization: string[] | null;
  OrganizationalUnit: string[] | null;
  Locality: string[] | null;
  Province: string[] | null;
  StreetAddress: string[] | null;
  PostalCode: string[] | null;
  SerialNumber: string;
  CommonName: string;
  Names: { Type: number[]; Value: string }[] | null;
  ExtraNames: null;
}

type ListField =
  | "Country"
  | "Organization"
  | "OrganizationalUnit"
  | "Locality"
  | "Province"
  | "StreetAddress"
  | "PostalCode";

const LISTS: Readonly<Record<string, ListField>> = {
  "2.5.4.6": "Country",
  "2.5.4.7": "Locality",
  "2.5.4.8": "Province",
  "2.5.4.9": "StreetAddress",
  "2.5.4.10": "Organization",
  "2.5.4.11": "OrganizationalUnit",
  "2.5.4.17": "PostalCode",
};
const COMMON_NAME = "2.5.4.3";
const SERIAL_NUMBER = "2.5.4.5";

/** A Name (RFC 5280, 4.1.2.4). Throws BuiltinError. */
export function parseName(element: DerElement): GoName {
  const name: GoName = {
    Country: null,
    Organization: null,
    OrganizationalUnit: null,
    Locality: null,
    Province: null,
    StreetAddress: null,
    PostalCode: null,
    SerialNumber: "",
    CommonName: "",
    Names: null,
    ExtraNames: null,
  };
  for (const set of element.children().rest(TAG.set)) {
    for (const attribute of set.children().rest(TAG.sequence)) addAttribute(name, attribute);
  }
  return name;
}

function addAttribute(name: GoName, attribute: DerElement): void {
  const parts = attribute.children();
  const type = parts.next(TAG.objectIdentifier).objectIdentifier();
  const value = stringOf(parts.next());
  (name.Names ??= []).push({ Type: numbersOf(type), Value: value });
  if (type === COMMON_NAME) name.CommonName = value;
  else if (type === SERIAL_NUMBER) name.SerialNumber = value;
  else if (Object.hasOwn(LISTS, type)) (name[LISTS[type]] ??= []).push(value);
}
