import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("indexof_n finds every place, counted in runes", () =>
  checkCalls([
    ['indexof_n("sad", "a")', [1]],
    ['indexof_n("aaaa", "aa")', [0, 1, 2]],
    ['indexof_n("😀a😀a", "a")', [1, 3]],
    ['indexof_n("abc", "z")', []],
    ['indexof_n("", "a")', []],
    ['indexof_n("abc", "")', ERROR],
    ['indexof_n(1, "a")', ERROR],
  ]));

Deno.test("any_prefix_match and any_suffix_match take texts, arrays and sets", () =>
  checkCalls([
    ['strings.any_prefix_match("foobar", "foo")', true],
    ['strings.any_prefix_match(["x", "foobar"], ["a", "foo"])', true],
    ['strings.any_prefix_match({"b", "ab"}, {"abc"})', false],
    ['strings.any_prefix_match("a", [])', false],
    ['strings.any_prefix_match([], ["a"])', false],
    ['strings.any_prefix_match(["aa", "b", "a"], ["ab", "b"])', true],
    ['strings.any_prefix_match("", "")', true],
    ['strings.any_suffix_match("foobar", {"bar", "x"})', true],
    ['strings.any_suffix_match(["a.io/x", "b"], ["/y", "/x"])', true],
    ['strings.any_suffix_match(["😀"], ["a", "😀"])', true],
    ['strings.any_prefix_match([1], "a")', ERROR],
    ['strings.any_suffix_match("a", [1])', ERROR],
    ['strings.any_prefix_match(1, "a")', ERROR],
    ['strings.any_prefix_match("a", {"a": 1})', ERROR],
  ]));

Deno.test("count counts what does not overlap", () =>
  checkCalls([
    ['strings.count("cheese", "e")', 3],
    ['strings.count("aaaa", "aa")', 2],
    ['strings.count("a😀b", "")', 4],
    ['strings.count("", "")', 1],
    ['strings.count("a", 1)', ERROR],
  ]));

Deno.test("split_n keeps the first parts, or the last ones", () =>
  checkCalls([
    ['strings.split_n("a.b.c", ".", 2)', ["a", "b"]],
    ['strings.split_n("a.b.c", ".", 9)', ["a", "b", "c"]],
    ['strings.split_n("a.b.c", ".", 0)', []],
    ['strings.split_n("a.b.c", ".", -2)', ["b", "c"]],
    ['strings.split_n("a😀b", "", 2)', ["a", "😀"]],
    ['strings.split_n("", "", 1)', []],
    ['strings.split_n("", ".", 1)', [""]],
    ['strings.split_n("abc", ".", -1)', ["abc"]],
    ['strings.split_n("a.b", ".", 1.5)', ERROR],
    ['strings.split_n("a.b", ".", 9223372036854775807)', ["a", "b"]],
    ['strings.split_n("a.b", ".", 9223372036854775808)', ERROR],
  ]));

Deno.test("trace is true", () =>
  checkCalls([
    ['trace("x")', true],
    ["trace(1)", ERROR],
  ]));
