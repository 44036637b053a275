import { throws } from "node:assert/strict";
import { checkCalls, ERROR, resultOf } from "./builtin_call.ts";

Deno.test("object.subset goes into objects, and takes arrays in one piece", () =>
  checkCalls([
    ['object.subset({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1}})', true],
    ['object.subset({"a": 1}, {"b": 1})', false],
    ['object.subset({"a": [1, 2, 3]}, {"a": [2, 3]})', true],
    ['object.subset({"a": {1, 2}}, {"a": {2}})', true],
    ['object.subset({"a": [1, 2]}, {"a": {1}})', false],
    ["object.subset([1, 2, 3], [2, 3])", true],
    ["object.subset([1, 2, 3], [1, 3])", false],
    ["object.subset([1, 1, 2], [1, 2])", true],
    ["object.subset([], [])", true],
    ["object.subset([11, 2], [1, 2])", false],
    ["object.subset({1, 2}, {2})", true],
    ["object.subset([1, 2], {2, 1})", true],
    ["object.subset([1, 1], {2, 1})", true],
    ["object.subset([1], set())", true],
    ["object.subset([], set())", false],
    ["object.subset({1}, [1])", ERROR],
    ['object.subset({"a": null}, {"a": null})', true],
    ['object.subset("a", "a")', ERROR],
  ]));

Deno.test("graph.reachable_paths ends at what it has seen", () =>
  checkCalls([
    ['graph.reachable_paths({"a": ["b", "c"], "b": ["d"], "c": [], "d": {"a"}}, ["a"])', [["a", "b", "d"], ["a", "c"]]],
    ['graph.reachable_paths({"a": ["a", "b"], "b": ["a"]}, {"a"})', [["a", "a"], ["a", "a", "b"], ["a", "b"]]],
    ['graph.reachable_paths({"a": ["x"]}, ["a", "x"])', [["a"]]],
    ['graph.reachable_paths({"a": []}, ["a"])', [["a"]]],
    ['graph.reachable_paths({"a": null}, ["a"])', [["a"]]],
    ["graph.reachable_paths({}, [])", []],
    ["graph.reachable_paths([], [])", ERROR],
    ['graph.reachable_paths({}, "a")', ERROR],
  ]));

Deno.test("numbers.range_step goes up and down", () =>
  checkCalls([
    ["numbers.range_step(0, 10, 4)", [0, 4, 8]],
    ["numbers.range_step(3, -3, 3)", [3, 0, -3]],
    ["numbers.range_step(1, 1, 1)", [1]],
    ["numbers.range_step(18446744073709551616, 18446744073709551616, 1)", [18446744073709551616]],
    ["numbers.range_step(0, 1, 0)", ERROR],
    ["numbers.range_step(0, 1, -1)", ERROR],
    ["numbers.range_step(0, 1.5, 1)", ERROR],
    ['numbers.range_step("0", 1, 1)', ERROR],
  ]));

Deno.test("casts take what is of the type", () =>
  checkCalls([
    ["cast_array({3, 1, 2})", [1, 2, 3]],
    ["cast_array([1])", [1]],
    ['cast_array({"a": 1})', ERROR],
    ["cast_set([1, 1, 2])", [1, 2]],
    ['cast_set("a")', ERROR],
    ['cast_string("a")', "a"],
    ["cast_string(1)", ERROR],
    ["cast_boolean(false)", false],
    ["cast_boolean(null)", ERROR],
    ["cast_null(null)", null],
    ["cast_null(0)", ERROR],
    ['cast_object({"a": 1})', { "a": 1 }],
    ["cast_object([])", ERROR],
  ]));

Deno.test("uuid.parse says what the UUID tells", () =>
  checkCalls([
    ['uuid.parse("00000000-0000-0000-0000-000000000000")', { "variant": "Reserved", "version": 0 }],
    ['uuid.parse("b5e4a4ae-3a5b-11ee-be56-0242ac120002")', {
      "clocksequence": 15958,
      "macvariables": "local:unicast",
      "nodeid": "02-42-ac-12-00-02",
      "time": 1691987606315947000,
      "variant": "RFC4122",
      "version": 1,
    }],
    ['uuid.parse("000001f5-3f64-21ec-9b00-325096b39f47")', {
      "clocksequence": 6912,
      "domain": "Person",
      "id": 501,
      "macvariables": "local:unicast",
      "nodeid": "32-50-96-b3-9f-47",
      "time": 1636245927092274100,
      "variant": "RFC4122",
      "version": 2,
    }],
    ['uuid.parse("urn:UUID:00000000-3f64-21ec-8303-31509f000000")', {
      "clocksequence": 771,
      "domain": "Domain3",
      "id": 0,
      "macvariables": "global:multicast",
      "nodeid": "31-50-9f-00-00-00",
      "time": 1636245927092224000,
      "variant": "RFC4122",
      "version": 2,
    }],
    ['uuid.parse("{f81d4fae-7dec-41d0-f765-00a0c91e6bf6}")', { "variant": "Future", "version": 4 }],
    ['uuid.parse("f81d4fae7dec41d0c76500a0c91e6bf6")', { "variant": "Microsoft", "version": 4 }],
    ['uuid.parse("ffffffff-ffff-1fff-bfff-ffffffffffff")', {
      "clocksequence": 16383,
      "macvariables": "local:multicast",
      "nodeid": "ff-ff-ff-ff-ff-ff",
      "time": -7607606781572612196,
      "variant": "RFC4122",
      "version": 1,
    }],
    ['uuid.parse("f81d4fae-7dec-41d0-a765")', undefined],
    ['uuid.parse("g81d4fae-7dec-41d0-a765-00a0c91e6bf6")', undefined],
    ['uuid.parse("")', undefined],
    ["uuid.parse(1)", ERROR],
  ]));

Deno.test("what would never end fails the evaluation instead", () => {
  const nodes = Array.from({ length: 30 }, (_, i) => `"${i}"`);
  const all = `{${nodes.map((node) => `${node}: [${nodes.join(",")}]`).join(",")}}`;
  for (const call of ["numbers.range_step(0, 1000000000000, 1)", `graph.reachable_paths(${all}, ["0"])`]) {
    throws(() => resultOf(call), RangeError, call);
  }
});
