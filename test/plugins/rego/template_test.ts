import { throws } from "node:assert/strict";
import { checkCalls, ERROR, resultOf } from "./builtin_call.ts";

Deno.test("fields, variables and pipes", () =>
  checkCalls([
    [
      String
        .raw`strings.render_template("{{.a}} {{.c.k}} {{.f}} {{.t}} {{.}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      '1 v 1.5 true map[a:1 b:[x y] c:map[j:<nil> k:v] e: f:1.5 h:<a href="x"> t:true]',
    ],
    [
      String
        .raw`strings.render_template("{{.missing}} {{.missing.more}} {{.c.j}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "<undefined> <undefined> <undefined>",
    ],
    [
      String
        .raw`strings.render_template("{{$x := .c}}{{$x.k}}{{$x = .b}}{{$x}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "v[x y]",
    ],
    [
      String
        .raw`strings.render_template("{{.b | len}} {{.h | html}} {{.h | js}} {{.h | urlquery}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      '2 &lt;a href=&#34;x&#34;&gt; \\u003Ca href\\u003D\\"x\\"\\u003E %3Ca+href%3D%22x%22%3E',
    ],
    [
      String
        .raw`strings.render_template("{{(index .b 1)}} {{index .c \"k\"}} {{(index . \"c\").k}} {{slice \"hello\" 1 3}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "y v v el",
    ],
    [
      String
        .raw`strings.render_template("{{printf \"%s|%q|%5d|%T\" .c.k \"x\" 3 .a}} {{print 1 2 \"x\" 3}}{{println .a}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      'v|"x"|    3|json.Number 1 2x31\n',
    ],
    [
      'strings.render_template("{{\\"a\\\\u00e9\\\\x41\\" }}{{`raw\\\\n`}}{{1.5}}{{0x10}}{{010}}{{true}} {{\'a\'}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\\"x\\">"})',
      "aéAraw\\n1.5168true 97",
    ],
    [
      String
        .raw`strings.render_template("a {{- .a -}} b {{- /* comment */ -}} c", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "a1bc",
    ],
    [
      String
        .raw`strings.render_template("<no value>", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "<undefined>",
    ],
  ]));

Deno.test("branches and loops", () =>
  checkCalls([
    [
      String
        .raw`strings.render_template("{{if .a}}yes{{else}}no{{end}}{{if .e}}yes{{else}}no{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "yesno",
    ],
    [
      String
        .raw`strings.render_template("{{if eq .c.k \"v\"}}v{{else if .a}}a{{end}}{{if .e}}1{{else if .t}}2{{else}}3{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "v2",
    ],
    [
      String
        .raw`strings.render_template("{{range .b}}[{{.}}]{{end}}{{range .e_}}x{{else}}none{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "[x][y]none",
    ],
    [
      String
        .raw`strings.render_template("{{range $i, $v := .b}}{{$i}}={{$v}};{{end}}{{range $k, $v := .c}}{{$k}}={{$v}};{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "0=x;1=y;j=<undefined>;k=v;",
    ],
    [
      String
        .raw`strings.render_template("{{range .b}}{{if eq . \"y\"}}{{break}}{{end}}{{.}}{{end}}{{range .b}}{{if eq . \"x\"}}{{continue}}{{end}}{{.}}{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "xy",
    ],
    [
      String
        .raw`strings.render_template("{{range 3}}{{.}}{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "012",
    ],
    [
      String
        .raw`strings.render_template("{{with .c}}{{.k}}{{$.a}}{{end}}{{with .e}}x{{else with .c}}{{.k}}{{else}}z{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "v1v",
    ],
    [
      String
        .raw`strings.render_template("{{define \"T\"}}<{{.}}>{{end}}{{template \"T\" .a}}{{block \"B\" .c.k}}[{{.}}]{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "<1>[v]",
    ],
  ]));

Deno.test("comparisons and truth", () =>
  checkCalls([
    [
      String
        .raw`strings.render_template("{{eq 1 1}} {{eq 1 2 1}} {{ne \"a\" \"b\"}} {{lt 1 2}} {{le 2 2}} {{gt 1.5 2.5}} {{ge \"b\" \"a\"}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "true true true true true false true",
    ],
    [
      String
        .raw`strings.render_template("{{and .t .e}}|{{or .e \"x\"}}|{{not .e}}|{{.e | or .a}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "|x|true|1",
    ],
    [
      String
        .raw`strings.render_template("{{eq .a \"1\"}} {{eq .c.j nil}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      "true true",
    ],
  ]));

Deno.test("what is no template, or fails in one, is an error", () =>
  checkCalls([
    [
      String
        .raw`strings.render_template("{{", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{.a", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{if .a}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{foo}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{$x}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{.a.b}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{eq .a 1}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{len .t}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{index .b 9}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{template \"no\"}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{nil}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{.a | 1}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{range .t}}{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{break}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{1 2}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{\"a}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{call .a}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{lt .b .b}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{define \"x\"}}a{{end}}{{define \"x\"}}b{{end}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    [
      String
        .raw`strings.render_template("{{printf 1}}", {"a": 1, "b": ["x", "y"], "c": {"k": "v", "j": null}, "e": "", "t": true, "f": 1.5, "h": "<a href=\"x\">"})`,
      ERROR,
    ],
    ['strings.render_template("x", {"a": {1}})', ERROR],
    ['strings.render_template("x", {1: 2})', ERROR],
    ['strings.render_template("x", [])', ERROR],
    ["strings.render_template(1, {})", ERROR],
  ]));

Deno.test("a template that would never end fails the evaluation instead", () => {
  throws(() => resultOf('strings.render_template("{{range 1000000000}}{{end}}", {})'), RangeError);
  throws(() => resultOf('strings.render_template("{{range 100000}}{{printf `%1000d` 1}}{{end}}", {})'), RangeError);
  checkCalls([
    ['strings.render_template("{{define `a`}}{{template `a`}}{{end}}{{template `a`}}", {})', ERROR],
    [`strings.render_template("{{${"(".repeat(10_000)}", {})`, ERROR],
    [`strings.render_template("${"{{if 1}}".repeat(10_000)}", {})`, ERROR],
  ]);
});
