import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("cidr_contains_matches pairs networks with what they hold", () =>
  checkCalls([
    ['net.cidr_contains_matches("10.0.0.0/8", ["10.1.2.3", ["192.168.0.0/16","x"], ["10.9.0.0/16"]])', [[
      "10.0.0.0/8",
      0,
    ], ["10.0.0.0/8", 2]]],
    ['net.cidr_contains_matches({"a":"::/80","b":["10.0.0.0/8"]}, {"10.0.0.1", "::1", "::ffff:10.0.0.1"})', [
      ["a", "::1"],
      ["b", "10.0.0.1"],
      ["b", "::ffff:10.0.0.1"],
    ]],
    ['net.cidr_contains_matches("10.0.0.0/8", "nope")', ERROR],
    ['net.cidr_contains_matches(["10.0.0.0/8",[]], "10.0.0.0/8")', ERROR],
    ['net.cidr_contains_matches("10.0.0.0/8", {"a": 5})', ERROR],
    ['net.cidr_contains_matches("10.0.0.0/8", "10.0.0.0/7")', []],
    ['net.cidr_contains_matches("::/0", "10.0.0.0/8")', []],
  ]));

Deno.test("cidr_expand lists every address", () =>
  checkCalls([
    ['net.cidr_expand("10.0.0.5/30")', ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]],
    ['net.cidr_expand("2001:db8::/127")', ["2001:db8::", "2001:db8::1"]],
    ['net.cidr_expand("10.0.0.5")', ERROR],
    ['net.cidr_expand("::ffff:10.0.0.0/127")', ["10.0.0.0", "10.0.0.1"]],
  ]));

Deno.test("cidr_is_valid knows the networks of Go", () =>
  checkCalls([
    ['net.cidr_is_valid("::1%eth0/64")', false],
    ['net.cidr_is_valid("10.0.0/8")', false],
    ['net.cidr_is_valid("010.0.0.0/8")', false],
    ['net.cidr_is_valid("10.0.0.0/33")', false],
    ['net.cidr_is_valid("10.0.0.0/024")', true],
    ['net.cidr_is_valid("1:2:3:4:5:6:7::/12")', true],
    ['net.cidr_is_valid("1:2:3:4:5:6:7::8/12")', false],
    ['net.cidr_is_valid("::1.2.3.4/128")', true],
    ['net.cidr_is_valid("::1.2.3.04/128")', false],
    ['net.cidr_is_valid("00001::/12")', false],
    ['net.cidr_is_valid("::/129")', false],
    ['net.cidr_is_valid("10.0.0.1")', false],
    ['net.cidr_is_valid("10.0.0.0/")', false],
    ['net.cidr_is_valid("10.0.0.0/+8")', false],
    ['net.cidr_is_valid("0x10.0.0.0/8")', false],
    ['net.cidr_is_valid(":::/1")', false],
    ['net.cidr_is_valid("1::2::3/1")', false],
    ['net.cidr_is_valid("")', false],
    ["net.cidr_is_valid(5)", false],
  ]));

Deno.test("cidr_merge gives the fewest networks", () =>
  checkCalls([
    ['net.cidr_merge(["10.0.0.0/25","10.0.0.128/25","10.0.1.0/24","::1/128"])', ["10.0.0.0/23", "::1/128"]],
    ['net.cidr_merge(["10.0.0.1/32","10.0.0.2/32","10.0.0.3/32"])', ["10.0.0.1/32", "10.0.0.2/31"]],
    ['net.cidr_merge(["::1"])', ERROR],
    ['net.cidr_merge(["x"])', ERROR],
    ["net.cidr_merge([])", []],
    ['net.cidr_merge(["0.0.0.0/1","128.0.0.0/1"])', ["0.0.0.0/0"]],
    ['net.cidr_merge(["1.2.3.4"])', ["1.2.3.4/8"]],
    ['net.cidr_merge(["172.16.0.1","200.1.2.3"])', ["172.16.0.1/16", "200.1.2.3/24"]],
    ['net.cidr_merge(["fe80::/64","fe80:0:0:1::/64"])', ["fe80::/63"]],
    ['net.cidr_merge({"10.1.2.3/24"})', ["10.1.2.0/24"]],
    ["net.cidr_merge([5])", ERROR],
    ['net.cidr_merge(["10.0.0.3/32","10.0.0.0/30","::/1","8000::/1"])', ["::/0"]],
  ]));

Deno.test("cidr_expand refuses more addresses than it could list", () =>
  checkCalls([
    ['net.cidr_expand("10.0.0.0/15")', ERROR],
    ['net.cidr_expand("::/0")', ERROR],
  ]));
