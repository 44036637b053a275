import { RE2JS, RE2JSException } from "re2js";
import { BuiltinError } from "../builtin.ts";
import { type GoUrl, parseUrl } from "./go_url.ts";
import { parseAddress } from "./ip_network.ts";
import { parseTime } from "./time_parse.ts";

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const ATOM = "[\\p{L}\\p{N}!#$%&'*+/=?^_`{|}~-]+";
const ADDRESS = `(?:${ATOM}(?:\\.${ATOM})*|"(?:[^"\\\\]|\\\\.)*")@(?:${ATOM}(?:\\.${ATOM})*|\\[[^\\[\\]\\s]+\\])`;
const EMAIL = new RegExp(`^\\s*${ADDRESS}\\s*$`, "u");
const NAMED_EMAIL = new RegExp(`^[^<>@]*<${ADDRESS}>\\s*$`, "u");
const DATE = "2006-01-02";
const CLOCK = ["15:04:05", "15:04:05Z07:00"];

/** Source: format_checkers.go of gojsonschema. What is not listed fits every text. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => isTime(text, [DATE]),
  time: (text) => isTime(text, CLOCK),
  "date-time": (text) => isTime(text, [...CLOCK, DATE, "2006-01-02T15:04:05Z07:00"]),
  hostname: (text) => text.length < 256 && HOSTNAME.test(text),
  email: isEmail,
  "idn-email": isEmail,
  ipv4: (text) => text.includes(".") && parseAddress(text) !== undefined,
  ipv6: (text) => text.includes(":") && parseAddress(text) !== undefined,
  uri: isUri,
  "uri-reference": isUriReference,
  iri: isUri,
  "iri-reference": isUriReference,
  "uri-template": isUriTemplate,
  uuid: (text) => /^[a-f\d]{8}-[a-f\d]{4}-[a-f\d]{4}-[a-f\d]{4}-[a-f\d]{12}$/i.test(text),
  regex: isRegex,
  "json-pointer": (text) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text),
  "relative-json-pointer": (text) => /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/.test(text),
};

export function hasFormat(format: string, text: string): boolean {
  return !Object.hasOwn(FORMATS, format) || FORMATS[format](text);
}

function isTime(text: string, layouts: readonly string[]): boolean {
  return layouts.some((layout) => {
    try {
      parseTime(layout, text);
      return true;
    } catch (error) {
      if (error instanceof BuiltinError) return false;
      throw error;
    }
  });
}

function isEmail(text: string): boolean {
  return EMAIL.test(text) || NAMED_EMAIL.test(text);
}

function isUri(text: string): boolean {
  return (urlOf(text)?.Scheme ?? "") !== "";
}

function isUriTemplate(text: string): boolean {
  const path = urlOf(text)?.Path;
  return path !== undefined && path.lastIndexOf("{") <= path.lastIndexOf("}");
}

function isUriReference(text: string): boolean {
  return urlOf(text) !== undefined;
}

function urlOf(text: string): GoUrl | undefined {
  try {
    return text.includes("\\") ? undefined : parseUrl(text).url;
  } catch (error) {
    if (error instanceof BuiltinError) return undefined;
    throw error;
  }
}

function isRegex(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch (error) {
    if (error instanceof RE2JSException) return false;
    throw error;
  }
}
