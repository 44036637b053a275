import { deepStrictEqual as assertEquals, throws } from "node:assert/strict";
import { BuiltinError } from "../../../plugins/policies/rego/builtin.ts";
import { parseUrl } from "../../../plugins/policies/rego/builtins/go_url.ts";

Deno.test("a URL is read and written as Go does it", () => {
  const none = { scheme: "", opaque: "", host: "", path: "", query: "" };
  const cases: readonly (readonly [string, Partial<typeof none>, string?, string?])[] = [
    ["HTTP://H/", { scheme: "http", host: "H", path: "/" }, "http://H/", "/"],
    [
      "https://u:p@h:8443/a%20b?q=1#f",
      { scheme: "https", host: "h:8443", path: "/a b", query: "q=1" },
      undefined,
      "/a%20b",
    ],
    ["http://h/a b", { scheme: "http", host: "h", path: "/a b" }, "http://h/a%20b", "/a%20b"],
    ["http://h/%2f%C3%A9", { scheme: "http", host: "h", path: "//é" }, undefined, "/%2f%C3%A9"],
    ["http://h?", { scheme: "http", host: "h" }],
    ["http://[::1%25en0]:80/", { scheme: "http", host: "[::1%en0]:80", path: "/" }],
    ["mailto:a@b", { scheme: "mailto", opaque: "a@b" }],
    ["urn:isbn:1?x", { scheme: "urn", opaque: "isbn:1", query: "x" }],
    ["/rel/x", { path: "/rel/x" }],
    ["//h/x", { host: "h", path: "/x" }],
    ["///x", { path: "///x" }],
    ["file:/x", { scheme: "file", path: "/x" }],
    ["*", { path: "*" }],
    ["", {}],
  ];
  for (const [source, parts, text = source, escaped = parts.path ?? ""] of cases) {
    const { url, ...rest } = parseUrl(source);
    const found = { scheme: url.Scheme, opaque: url.Opaque, host: url.Host, path: url.Path, query: url.RawQuery };
    assertEquals(found, { ...none, ...parts }, source);
    assertEquals(rest, { text, escapedPath: escaped }, source);
  }
});

Deno.test("a text that is no URL is an error", () => {
  const sources = [
    ":x",
    "a b:c",
    "1a:b",
    "http://h:x/",
    "http://a:b:1/",
    "http://[::1/",
    "http://[1.2.3.4]/",
    "http://x[::1]/",
    "http://h/%zz",
    "http://h%41/",
    "http://a b/",
    "http://u^@h/",
    "http://h/\n",
  ];
  for (const source of sources) throws(() => parseUrl(source), BuiltinError, source);
});
