import { deepStrictEqual as assertEquals } from "node:assert/strict";
import { timeBuiltins } from "../../../plugins/policies/rego/builtins/time.ts";
import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("parse_ns reads the layouts of Go", () =>
  checkCalls([
    ['time.parse_ns("2006-01-02","2020-02-30")', ERROR],
    ['time.parse_ns("2006-01-02","2020-02-29")', 1582934400000000000],
    ['time.parse_ns("Mon Jan _2 15:04:05 MST 2006","Tue Mar  3 01:02:03 PST 2020")', 1583197323000000000],
    ['time.parse_ns("RFC1123Z","Tue, 03 Mar 2020 01:02:03 +0530")', 1583177523000000000],
    ['time.parse_ns("3:04pm","7:15pm")', ERROR],
    ['time.parse_ns("2006-01-02 3:04PM","2020-01-02 12:15AM")', 1577924100000000000],
    ['time.parse_ns("2006 002","2020 366")', 1609372800000000000],
    ['time.parse_ns("2006 002","2019 366")', ERROR],
    ['time.parse_ns("2006 __2","2019  60")', 1551398400000000000],
    ['time.parse_ns("15:04:05 2006-01-02","01:02:03.123456789123 2020-01-02")', 1577926923123456789],
    ['time.parse_ns("15:04:05.000 2006","01:02:03.12 2020")', ERROR],
    ['time.parse_ns("15:04:05.000 2006","01:02:03.123 2020")', 1577840523123000000],
    ['time.parse_ns("15:04:05.999 2006","01:02:03 2020")', 1577840523000000000],
    ['time.parse_ns("15:04:05,000 2006","01:02:03.123 2020")', 1577840523123000000],
    ['time.parse_ns("Z07:00:00 2006","-01:02:03 2020")', 1577840523000000000],
    ['time.parse_ns("-07 2006","+05 2020")', 1577818800000000000],
    ['time.parse_ns("-0700 06","+0530 69")', -31555800000000000],
    ['time.parse_ns("Jan 2 2006","fEb 3 2021")', 1612310400000000000],
    ['time.parse_ns("January 2 2006","Feb 3 2021")', ERROR],
    ['time.parse_ns("2006-1-2","2021-13-1")', ERROR],
    ['time.parse_ns("15 2006","24 2006")', ERROR],
    ['time.parse_ns("2006-01-02T15:04:05Z07:00","2021-01-02T1:04:05Z")', 1609549445000000000],
    ['time.parse_ns("2006  x","2021 x")', 1609459200000000000],
    ['time.parse_ns("2006 x","2021   x")', 1609459200000000000],
    ['time.parse_ns("2006MST","2021GMT+3")', 1609459200000000000],
    ['time.parse_ns("2006MST","2021ABCDE")', ERROR],
    ['time.parse_ns("2006MST","2021WITA")', 1609459200000000000],
    ['time.parse_ns("2006MST","2021+03")', 1609459200000000000],
    ['time.parse_ns("2006","2021 ")', ERROR],
  ]));

Deno.test("parse_rfc3339_ns reads RFC 3339", () =>
  checkCalls([
    ['time.parse_rfc3339_ns("2020-01-01T00:00:00.5+24:00")', 1577750400500000000],
    ['time.parse_rfc3339_ns("2020-01-01t00:00:00z")', ERROR],
    ['time.parse_rfc3339_ns("2020-01-01T00:00:60Z")', ERROR],
    ['time.parse_rfc3339_ns("2262-04-12T00:00:00Z")', ERROR],
    ["time.parse_rfc3339_ns(1)", ERROR],
  ]));

Deno.test("parse_duration_ns reads the units of Go, and days, weeks and years", () =>
  checkCalls([
    ['time.parse_duration_ns("1h2.5m3s")', 3753000000000],
    ['time.parse_duration_ns("-1.5h")', -5400000000000],
    ['time.parse_duration_ns("1d2h")', 93600000000000],
    ['time.parse_duration_ns("1.5w")', 907200000000000],
    ['time.parse_duration_ns("1y")', 31536000000000000],
    ['time.parse_duration_ns("0")', 0],
    ['time.parse_duration_ns("")', ERROR],
    ['time.parse_duration_ns("5")', ERROR],
    ['time.parse_duration_ns(".5s")', 500000000],
    ['time.parse_duration_ns("1.s")', 1000000000],
    ['time.parse_duration_ns("2562047h47m16.854775807s")', 9223372036854775807],
    ['time.parse_duration_ns("2562047h47m16.854775808s")', ERROR],
    ['time.parse_duration_ns("-2562047h47m16.854775808s")', -9223372036854775808],
    ['time.parse_duration_ns("1x")', ERROR],
    ['time.parse_duration_ns("1d1x")', ERROR],
    ['time.parse_duration_ns("1h1d")', 90000000000000],
    ['time.parse_duration_ns("1.2.3d")', ERROR],
    ['time.parse_duration_ns("300y")', ERROR],
    ['time.parse_duration_ns("1µs")', 1000],
    ['time.parse_duration_ns("0.1234567891234h")', 444444440844],
    ['time.parse_duration_ns("0.00000001d")', 864000],
  ]));

Deno.test("format writes the layouts of Go", () =>
  checkCalls([
    ["time.format(1700000000123456789)", "2023-11-14T22:13:20.123456789Z"],
    ["time.format([1700000000123456789])", "2023-11-14T22:13:20.123456789Z"],
    [
      'time.format([1700000000123456789,"America/New_York","Monday, 02-Jan-06 15:04:05.000 MST __2 002 3:4:5PM pm _2 -07 -0700 -07:00 -07:00:00 Z07 Z0700 .999"])',
      "Tuesday, 14-Nov-23 17:13:20.123 EST 318 318 5:13:20PM pm 14 -05 -0500 -05:00 -05:00:00 -05 -0500 .123",
    ],
    ['time.format([1700000000123456789,"",""])', "2023-11-14T22:13:20.123456789Z"],
    ['time.format([-9223372036854775808,"America/New_York"])', "1677-09-20T19:16:41.145224192-04:56"],
    ['time.format([-5000000000000000000,"America/New_York","-07:00:00 Z070000 -0700"])', "-04:56:02 -045602 -0456"],
    ["time.format([])", ERROR],
    ['time.format(["x"])', ERROR],
    ["time.format([1.5])", ERROR],
    ['time.format("x")', ERROR],
    ["time.format([1,2])", ERROR],
    ["time.format(9223372036854775808)", ERROR],
  ]));

Deno.test("format knows zones by their exact name, and abbreviates them", () =>
  checkCalls([
    ['time.format([1720000000123456789,"Europe/Paris","RFC850"])', "Wednesday, 03-Jul-24 11:46:40 CEST"],
    ['time.format([1720000000123456789,"Europe/London","RFC850"])', "Wednesday, 03-Jul-24 10:46:40 BST"],
    ['time.format([1720000000123456789,"Asia/Tokyo","RFC850"])', "Wednesday, 03-Jul-24 18:46:40 JST"],
    ['time.format([1720000000123456789,"America/Sao_Paulo","RFC850"])', "Wednesday, 03-Jul-24 06:46:40 -03"],
    ['time.format([1720000000123456789,"Europe/Helsinki","RFC850"])', "Wednesday, 03-Jul-24 12:46:40 EEST"],
    ['time.format([1700000000123456789,"Europe/Dublin","RFC850"])', "Tuesday, 14-Nov-23 22:13:20 GMT"],
    ['time.format([1700000000123456789,"Asia/Kathmandu","RFC850"])', "Wednesday, 15-Nov-23 03:58:20 +0545"],
    ['time.format([1700000000123456789,"Australia/Sydney","RFC850"])', "Wednesday, 15-Nov-23 09:13:20 AEDT"],
    ['time.format([1700000000123456789,"Africa/Lagos","RFC850"])', "Tuesday, 14-Nov-23 23:13:20 WAT"],
    ['time.format([1700000000123456789,"Europe/Moscow","RFC850"])', "Wednesday, 15-Nov-23 01:13:20 MSK"],
    ['time.format([1700000000123456789,"Pacific/Honolulu","RFC850"])', "Tuesday, 14-Nov-23 12:13:20 HST"],
    ['time.format([1700000000123456789,"America/Phoenix","RFC850"])', "Tuesday, 14-Nov-23 15:13:20 MST"],
    ['time.format([1700000000123456789,"Etc/GMT+5","RFC850"])', "Tuesday, 14-Nov-23 17:13:20 -05"],
    ['time.format([1700000000123456789,"GMT","RFC850"])', "Tuesday, 14-Nov-23 22:13:20 GMT"],
    ['time.format([1700000000123456789,"UTC","RFC850"])', "Tuesday, 14-Nov-23 22:13:20 UTC"],
    ['time.format([1700000000123456789,"EST","RFC850"])', "Tuesday, 14-Nov-23 17:13:20 EST"],
    ['time.format([1700000000123456789,"america/new_york","RFC850"])', ERROR],
    ['time.format([1700000000123456789,"+05:00","RFC850"])', ERROR],
    ['time.format([1700000000123456789,"Nope","RFC850"])', ERROR],
  ]));

Deno.test("date, clock and weekday are those of the zone", () =>
  checkCalls([
    ['time.date([0,"Asia/Tokyo"])', [1970, 1, 1]],
    ["time.date(-1)", [1969, 12, 31]],
    ['time.clock([0,"Asia/Kathmandu"])', [5, 30, 0]],
    ['time.weekday([0,"America/New_York"])', "Wednesday"],
    ["time.weekday(0)", "Thursday"],
    ["time.clock([0,5])", ERROR],
    ['time.date([0,"../UTC"])', ERROR],
  ]));

Deno.test("add_date counts on as Go does, across the change of clocks too", () =>
  checkCalls([
    ["time.add_date(1706745600000000000,0,1,0)", 1709251200000000000],
    ["time.add_date(1706659200000000000,0,1,0)", 1709337600000000000],
    ['time.add_date([1710054000000000000,"America/New_York"],0,0,0)', 1710054000000000000],
    ['time.add_date([1709967600000000000,"America/New_York"],0,0,1)', 1710050400000000000],
    ['time.add_date([1709965800000000000,"America/New_York"],0,0,1)', 1710052200000000000],
    ['time.add_date([1730525400000000000,"America/New_York"],0,0,1)', 1730611800000000000],
    ["time.add_date(0,1000,0,0)", ERROR],
    ["time.add_date(0,-500,0,0)", ERROR],
    ["time.add_date(0,1.5,0,0)", ERROR],
    ["time.add_date(123,-1,-13,-400)", -100396799999999877],
    ['time.add_date([1711845000000000000,"Europe/London"],0,0,0)', 1711845000000000000],
    ['time.add_date([1711758600000000000,"Europe/London"],0,0,1)', 1711845000000000000],
    ['time.add_date([1711711800000000000,"Europe/London"],0,0,1)', 1711798200000000000],
    ['time.add_date([1729902600000000000,"Europe/London"],0,0,1)', 1729992600000000000],
    ['time.add_date(0,"1",0,0)', ERROR],
  ]));

Deno.test("diff tells years, months, days, hours, minutes and seconds", () =>
  checkCalls([
    ["time.diff(0,1700000000000000000)", [53, 10, 13, 22, 13, 20]],
    ['time.diff([1700000000000000000,"Asia/Tokyo"],[1234567890123456789,"UTC"])', [14, 9, 0, 22, 41, 50]],
    ['time.diff([1706659200000000000,"UTC"],1709164800000000000)', [0, 0, 29, 0, 0, 0]],
    ['time.diff(5,[5,"Nope"])', ERROR],
  ]));

Deno.test("nanoseconds are exact", () => {
  const call = (name: string, ...operands: string[]) => timeBuiltins[name](operands, { now: 0n });
  assertEquals(call("time.parse_rfc3339_ns", "2262-04-11T23:47:16.854775807Z"), 9223372036854775807n);
  assertEquals(call("time.parse_rfc3339_ns", "1677-09-21T00:12:43.145224192Z"), -9223372036854775808n);
  assertEquals(call("time.parse_ns", "RFC3339", "2023-11-14T22:13:20.123456789Z"), 1700000000123456789n);
  assertEquals(timeBuiltins["time.add_date"]([1700000000123456789n, 0, 0, 1], { now: 0n }), 1700086400123456789n);
});

Deno.test("now_ns is the time of the evaluation", () =>
  assertEquals(timeBuiltins["time.now_ns"]([], { now: 1700000000123456789n }), 1700000000123456789n));
