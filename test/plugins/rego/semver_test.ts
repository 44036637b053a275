import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("compare follows the specification", () =>
  checkCalls([
    ['semver.compare("1.0.0", "1.0.0")', 0],
    ['semver.compare("1.2.3", "1.10.0")', -1],
    ['semver.compare("2.0.0", "1.99.99")', 1],
    ['semver.compare("1.0.0-alpha", "1.0.0")', -1],
    ['semver.compare("1.0.0", "1.0.0-rc.1")', 1],
    ['semver.compare("1.0.0-alpha.1", "1.0.0-alpha")', 1],
    ['semver.compare("1.0.0-2", "1.0.0-10")', -1],
    ['semver.compare("1.0.0-a", "1.0.0-1")', 1],
    ['semver.compare("1.0.0-A", "1.0.0-a")', -1],
    ['semver.compare("1.0.0+a", "1.0.0+b")', 0],
    ['semver.compare("v1.0.0", "1.0.1")', -1],
    ['semver.compare("1.0", "1.0.0")', ERROR],
    ['semver.compare("1.0.0", "x")', ERROR],
    ['semver.compare(1, "1.0.0")', ERROR],
  ]));

Deno.test("is_valid takes three numbers of 64 bits", () =>
  checkCalls([
    ['semver.is_valid("1.2.3")', true],
    ['semver.is_valid("v1.2.3-rc.1+build")', true],
    ['semver.is_valid("V1.2.3")', false],
    ['semver.is_valid("01.2.3")', false],
    ['semver.is_valid("1.2.3-01")', false],
    ['semver.is_valid("1.2.3-0a")', true],
    ['semver.is_valid("1.2.3-")', false],
    ['semver.is_valid("1.2.3+")', false],
    ['semver.is_valid("1.2.3-a..b")', false],
    ['semver.is_valid("9223372036854775807.0.0")', true],
    ['semver.is_valid("9223372036854775808.0.0")', false],
    ['semver.is_valid("1.2")', false],
    ['semver.is_valid("1.2.3 ")', false],
    ['semver.is_valid("")', false],
    ["semver.is_valid(123)", false],
  ]));
