import { throws } from "node:assert/strict";
import { checkCalls, ERROR, resultOf } from "./builtin_call.ts";

Deno.test("prints integers, floats and texts with the verbs and flags of Go", () =>
  checkCalls([
    ['sprintf("%v %s %d", ["a", "b", 7])', "a b 7"],
    ['sprintf("%5d|%-5d|%05d|%+d|% d", [1, 2, 3, 4, 5])', "    1|2    |00003|+4| 5"],
    ['sprintf("%x %X %o %O %b %#x %#o", [255, 255, 8, 8, 5, 255, 8])', "ff FF 10 0o10 101 0xff 010"],
    ['sprintf("%c %U %#U %q", [9731, 9731, 9731, 97])', "☃ U+2603 U+2603 '☃' 'a'"],
    ['sprintf("100%% %d", [1])', "100% 1"],
    ['sprintf("%.3d|%8.3d|%.0d|", [5, -5, 0])', "005|    -005||"],
    ['sprintf("%v %v %v %v", [1.5, 1000000.5, 0.00001, 123456789.25])', "1.5 1.0000005e+06 1e-05 1.2345678925e+08"],
    ['sprintf("%f %.2f %8.3f|%-8.1f|", [1.5, 2.345, 3.14159, 2.25])', "1.500000 2.35    3.142|2.2     |"],
    ['sprintf("%e %E %g %G", [123456.789, 0.5, 1e100, 1.5e-7])', "1.234568e+05 5.000000E-01 1e+100 1.5E-07"],
    ['sprintf("%.0f %.0f %.0f %.20f", [0.5, 1.5, 2.5, 0.1])', "0 2 2 0.10000000000000000555"],
    ['sprintf("%x %b %.1x", [1.5, 0.1, 1.99])', "0x1.8p+00 7205759403792794p-56 0x1.0p+01"],
    ['sprintf("%#g %#.3g %+.1e % f %08.2f", [1.5, 0.5, 12.5, 2.5, -1.5])', "1.50000 0.500 +1.2e+01  2.500000 -0001.50"],
    ['sprintf("%10s|%-10s|%.2s|%5.1s", ["é", "ab", "日本語", "xyz"])', "         é|ab        |日本|    x"],
    [String.raw`sprintf("%q %+q %#q", ["a\"b\n", "é☃", "raw"])`, '"a\\"b\\n" "\\u00e9\\u2603" `raw`'],
    ['sprintf("%x %X % x %#x", ["hé", "hé", "ab", "ab"])', "68c3a9 68C3A9 61 62 0x6162"],
    [String.raw`sprintf("%q", ["\u200b\u0001\u00e9"])`, '"\\u200b\\x01é"'],
  ]));

Deno.test("prints integers of any size", () =>
  checkCalls([
    [
      'sprintf("%d %v %x", [18446744073709551617, 18446744073709551617, 18446744073709551617])',
      "18446744073709551617 18446744073709551617 10000000000000001",
    ],
    [
      'sprintf("%030d|%-25d|%+d", [18446744073709551617, 18446744073709551617, 18446744073709551617])',
      "000000000018446744073709551617|18446744073709551617     |+18446744073709551617",
    ],
    ['sprintf("%T %T %T", [1, 18446744073709551617, 1.5])', "int64 *big.Int float64"],
    ['sprintf("%e", [18446744073709551617])', "%!e(big.Int=18446744073709551617)"],
    ['sprintf("%d %d", [9223372036854775807, 9007199254740993])', "9223372036854775807 9007199254740993"],
  ]));

Deno.test("prints composites in OPA's own notation, as texts", () =>
  checkCalls([
    ['sprintf("%v", [[1, "a", null, {"b": [true]}]])', '[1, "a", null, {"b": [true]}]'],
    ['sprintf("%s %v", [{"b": 1, "a": "x"}, {}])', '{"a": "x", "b": 1} {}'],
    ['sprintf("%v %v", [{3, 1, 2}, set()])', "{1, 2, 3} set()"],
    ['sprintf("%d %v", [null, false])', "%!d(string=null) false"],
    ['sprintf("%10.4v|", [{"a": 1}])', '      {"a"|'],
    [String.raw`sprintf("%v", [[1.5, "\n"]])`, '[1.5, "\\n"]'],
  ]));

Deno.test("marks mistakes as Go does", () =>
  checkCalls([
    ['sprintf("%d", ["x"])', "%!d(string=x)"],
    ['sprintf("%s", [1])', "%!s(int64=1)"],
    ['sprintf("%d", [1.5])', "%!d(float64=1.5)"],
    ['sprintf("%z", [1])', "%!z(int64=1)"],
    ['sprintf("%d %d", [1])', "1 %!d(MISSING)"],
    ['sprintf("%d", [1, "x", null])', "1%!(EXTRA string=x, string=null)"],
    ['sprintf("%", [1])', "%!(NOVERB)%!(EXTRA int64=1)"],
    ['sprintf("%!", [1])', "%!!(int64=1)"],
    ['sprintf("%[2]d %[1]d", [1, 2])', "2 1"],
    ['sprintf("%[3]d", [1])', "%!d(BADINDEX)"],
    ['sprintf("%[x]d", [1])', "%!d(BADINDEX)"],
    ['sprintf("%[1]", [1])', "%!(NOVERB)"],
    ['sprintf("%*d|%-*d|", [5, 1, 4, 2])', "    1|2   |"],
    ['sprintf("%*d", ["x", 1])', "%!(BADWIDTH)1"],
    ['sprintf("%.*f", [2, 3.14159])', "3.14"],
    ['sprintf("%.*f", [-1, 3.5])', "%!(BADPREC)3.500000"],
    ['sprintf("%99999999d", [1])', "%!(NOVERB)%!(EXTRA int64=1)"],
    ['sprintf("no verbs", ["x"])', "no verbs%!(EXTRA string=x)"],
    ['sprintf("%6d|", ["x"])', "%!d(string=     x)|"],
  ]));

Deno.test("takes a text and an array", () =>
  checkCalls([
    ["sprintf(1, [])", ERROR],
    ['sprintf("%d", 1)', ERROR],
    ['sprintf("%d", {1})', ERROR],
  ]));

Deno.test("a number beyond 64-bit floats is never printed as another", () => {
  for (const operand of ["1e309", "[-1e309]"]) throws(() => resultOf(`sprintf("%v", [${operand}])`), RangeError);
});

Deno.test("a text that would not end fails the evaluation", () => {
  throws(() => resultOf(`sprintf("${"%1000000d".repeat(100)}", [${Array(100).fill(1)}])`), RangeError);
});
