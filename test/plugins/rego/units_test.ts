import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("parse reads decimal and binary units, milli and mega apart", () =>
  checkCalls([
    ['units.parse("10k")', 10000],
    ['units.parse("1K")', 1000],
    ['units.parse("1Ki")', 1024],
    ['units.parse("1KI")', 1024],
    ['units.parse("100m")', 0.1],
    ['units.parse("1M")', 1000000],
    ['units.parse("1mi")', 1048576],
    ['units.parse("2.5Gi")', 2684354560],
    ['units.parse("1e")', 1000000000000000000],
    ['units.parse("1e3")', 1000],
    ['units.parse("1E-3Ki")', 1.024],
    ['units.parse("-1.5")', -1.5],
    ['units.parse("+2k")', 2000],
    ['units.parse("16Ei")', 18446744073709551616],
    ['units.parse("0.0001m")', 1e-07],
    ['units.parse("1.00000000005")', 1.0000000001],
    [String.raw`units.parse("\"5\"M")`, 5000000],
    ['units.parse(".5")', 0.5],
    ['units.parse("5.")', 5],
  ]));

Deno.test("parse_bytes takes either case, and a B", () =>
  checkCalls([
    ['units.parse_bytes("10KB")', 10000],
    ['units.parse_bytes("10KiB")', 10240],
    ['units.parse_bytes("1m")', 1000000],
    ['units.parse_bytes("1.5Mi")', 1572864],
    ['units.parse_bytes("0.1")', 0],
    ['units.parse_bytes("1e3")', 1000],
    ['units.parse_bytes("1e")', 1000000000000000000],
    ['units.parse_bytes("1.9")', 1],
    ['units.parse_bytes("-1.9")', -1],
    ['units.parse_bytes("12345678901234567890123")', 12345678901234567889920],
    ['units.parse_bytes("0.3eib")', 345876451382054092],
    ['units.parse_bytes("1e30")', 1000000000000000000024696061952],
    [String.raw`units.parse_bytes("\"5\"kb")`, 5000],
  ]));

Deno.test("what is no amount is an error", () =>
  checkCalls([
    ['units.parse("")', ERROR],
    ['units.parse("k")', ERROR],
    ['units.parse("1 k")', ERROR],
    ['units.parse("1x")', ERROR],
    ['units.parse("1kb")', ERROR],
    ['units.parse("1.2.3")', ERROR],
    ['units.parse("1e+")', ERROR],
    ['units.parse("1e1000000")', ERROR],
    ['units.parse("--1")', ERROR],
    ['units.parse(".")', ERROR],
    ["units.parse(1)", ERROR],
    ['units.parse_bytes("")', ERROR],
    ['units.parse_bytes("GB")', ERROR],
    ['units.parse_bytes("1b")', ERROR],
    ['units.parse_bytes("1 kb")', ERROR],
    ['units.parse_bytes("1kbb")', ERROR],
    ['units.parse_bytes("1e9999999")', ERROR],
    ["units.parse_bytes(null)", ERROR],
  ]));
