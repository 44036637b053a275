import { ok } from "node:assert/strict";
import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("find_n finds at most so many, leftmost first", () =>
  checkCalls([
    ['regex.find_n("[oa]+", "foobar", -1)', ["oo", "a"]],
    ['regex.find_n("o", "foo", 1)', ["o"]],
    ['regex.find_n("o", "foo", 0)', []],
    ['regex.find_n("a*", "baab", -1)', ["", "aa", ""]],
    ['regex.find_n("", "a😀", -1)', ["", "", ""]],
    ['regex.find_n("a|ab", "ab", -1)', ["a"]],
    ['regex.find_n("^a", "aa", -1)', ["a"]],
    [String.raw`regex.find_n("\\bx", "x xx", -1)`, ["x", "x"]],
    ['regex.find_n("(", "a", 1)', ERROR],
    ['regex.find_n("a", "a", 1.5)', ERROR],
    ['regex.find_n("(?=a)", "a", 1)', ERROR],
  ]));

Deno.test("replace expands groups as Go does", () =>
  checkCalls([
    ['regex.replace("-ab-axxb-", "a(x*)b", "T")', "-T-T-"],
    ['regex.replace("-ab-axxb-", "a(x*)b", "${1}W")', "-W-xxW-"],
    ['regex.replace("-ab-axxb-", "a(x*)b", "$1W")', "---"],
    ['regex.replace("foo", "(?P<first>.)", "<$first>")', "<f><o><o>"],
    ['regex.replace("foo", "(?<first>f)(o)", "$2$0$$1$9${01}$")', "ofo$1$o"],
    ['regex.replace("foo", "^[a-z]", "F")', "Foo"],
    ['regex.replace("abc", "", "-")', "-a-b-c-"],
    ['regex.replace("aab", "a*", "x")', "xbx"],
    ['regex.replace("😀a", "(?i)A", "b")', "😀b"],
    ['regex.replace("a", "(a)|(b)", "[$1$2]")', "[a]"],
    ['regex.replace("a", "a{1001}", "")', ERROR],
    ['regex.replace("a", 1, "")', ERROR],
  ]));

Deno.test("split keeps what is between matches", () =>
  checkCalls([
    ['regex.split("/+", "a//b/c")', ["a", "b", "c"]],
    ['regex.split("a", "banana")', ["b", "n", "n", ""]],
    ['regex.split("", "a😀b")', ["a", "😀", "b"]],
    ['regex.split("a*", "baac")', ["b", "c"]],
    ['regex.split("x", "")', [""]],
    ['regex.split("", "")', []],
    ['regex.split("^a", "ab")', ["", "b"]],
    ['regex.split("[", "a")', ERROR],
  ]));

Deno.test("template_match takes patterns between delimiters", () =>
  checkCalls([
    ['regex.template_match("urn:foo:{.*}", "urn:foo:bar:baz", "{", "}")', true],
    ['regex.template_match("urn:foo.<[0-9]+>", "urn:foo.12", "<", ">")', true],
    ['regex.template_match("urn:foo.<[0-9]+>", "urn:fooX12", "<", ">")', false],
    ['regex.template_match("{a{2}}", "aa", "{", "}")', true],
    ['regex.template_match("a+", "aa", "{", "}")', false],
    ['regex.template_match("{a", "a", "{", "}")', ERROR],
    ['regex.template_match("a}{", "a", "{", "}")', ERROR],
    ['regex.template_match("{(}", "a", "{", "}")', ERROR],
    ['regex.template_match("a", "a", "{{", "}")', ERROR],
    ['regex.template_match("a", "a", "{", "")', ERROR],
  ]));

Deno.test("globs_match asks whether two globs have a text in common", () =>
  checkCalls([
    ['regex.globs_match("a.a.[0-9]+z", "a.b.[0-9]+z")', false],
    ['regex.globs_match("[a-z]+", "[0-9]*")', false],
    ['regex.globs_match("[a-c]+x", "[c-e]x")', true],
    ['regex.globs_match(".*", "abc")', true],
    ['regex.globs_match("a*b", "aaab")', true],
    [String.raw`regex.globs_match("a\\*", "a*")`, false],
    ['regex.globs_match("", "")', true],
    ['regex.globs_match("a", "")', false],
    ['regex.globs_match("a+a*", "aaa")', true],
    ['regex.globs_match("[^a]", "a")', true],
    ['regex.globs_match("*", "a")', ERROR],
    ['regex.globs_match("[", "a")', ERROR],
    ['regex.globs_match("]", "a")', ERROR],
    [String.raw`regex.globs_match("a\\", "a")`, ERROR],
    ['regex.globs_match("[b-a]", "a")', ERROR],
    ['regex.globs_match("[-a]", "a")', ERROR],
  ]));

Deno.test("a hostile text does not slow a pattern down", () => {
  const hostile = `"${"a".repeat(50_000)}!"`;
  const start = Date.now();
  checkCalls([
    [`regex.find_n("^(a+)+$", ${hostile}, -1)`, []],
    [`regex.replace(${hostile}, "^(a+)+$", "x")`, JSON.parse(hostile)],
    [`regex.split("^(a+)+$", ${hostile})`, [JSON.parse(hostile)]],
    [`regex.template_match("{(a+)+}", ${hostile}, "{", "}")`, false],
    [`regex.globs_match("${".*a".repeat(100)}", "${"b*a*".repeat(100)}c")`, false],
  ]);
  ok(Date.now() - start < 1000);
});

Deno.test("a pattern is found again after more patterns than are kept", () => {
  for (let i = 0; i < 300; i++) {
    checkCalls([[`regex.find_n("a{${i % 150}}b", "${"a".repeat(150)}b", 1)`, [`${"a".repeat(i % 150)}b`]]]);
  }
});
