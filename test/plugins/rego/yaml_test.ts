import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("unmarshal reads YAML as Go does", () =>
  checkCalls([
    ['yaml.unmarshal("a: 1")', { "a": 1 }],
    ['yaml.unmarshal("a: yes")', { "a": "yes" }],
    ['yaml.unmarshal("a: 0777")', { "a": 511 }],
    ['yaml.unmarshal("a: 0o17")', { "a": 15 }],
    ['yaml.unmarshal("a: 1_000")', { "a": 1000 }],
    ['yaml.unmarshal("a: 0x1F")', { "a": 31 }],
    ['yaml.unmarshal("a: .5")', { "a": 0.5 }],
    ['yaml.unmarshal("a: 1e3")', { "a": 1000 }],
    ['yaml.unmarshal("a: 2001-01-01")', { "a": "2001-01-01" }],
    ['yaml.unmarshal("a: ~")', { "a": null }],
    ['yaml.unmarshal("1: a")', { "1": "a" }],
    ['yaml.unmarshal("1.5: b")', { "1.5": "b" }],
    ['yaml.unmarshal("true: c")', { "true": "c" }],
    ['yaml.unmarshal("null: d")', ERROR],
    ['yaml.unmarshal("{a: 1, a: 2}")', { "a": 2 }],
    [String.raw`yaml.unmarshal("a: &x 1\nb: *x")`, { "a": 1, "b": 1 }],
    ['yaml.unmarshal("a: *x")', ERROR],
    ['yaml.unmarshal("a: &x [*x]")', ERROR],
    [String.raw`yaml.unmarshal("b: &b {q: 1, r: 2}\nc:\n  <<: *b\n  q: 3")`, {
      "b": { "q": 1, "r": 2 },
      "c": { "q": 3, "r": 2 },
    }],
    [String.raw`yaml.unmarshal("c:\n  <<: [{a: 1},{a: 2, b: 3}]")`, { "c": { "a": 1, "b": 3 } }],
    [String.raw`yaml.unmarshal("c:\n  <<: 1")`, ERROR],
    ['yaml.unmarshal("a: !!str 1")', { "a": "1" }],
    [String.raw`yaml.unmarshal("a: !!int \"1\"")`, { "a": 1 }],
    ['yaml.unmarshal("a: !!int x")', ERROR],
    ['yaml.unmarshal("a: !foo bar")', { "a": "bar" }],
    ['yaml.unmarshal("a: !!binary aGk=")', { "a": "hi" }],
    ['yaml.unmarshal("a: .inf")', ERROR],
    ['yaml.unmarshal("a: 99999999999999999999")', { "a": 100000000000000000000 }],
    ['yaml.unmarshal("a: -9223372036854775809")', { "a": -9223372036854776000 }],
    ['yaml.unmarshal("a: +5")', { "a": 5 }],
    ['yaml.unmarshal("a: 08")', { "a": 8 }],
    [String.raw`yaml.unmarshal("--- 1\n--- 2")`, 1],
    [String.raw`yaml.unmarshal("--- 1\n--- [")`, ERROR],
    ['yaml.unmarshal("")', null],
    ['yaml.unmarshal("# c")', null],
    [String.raw`yaml.unmarshal("- a\n- |\n  x\n  y\n- >\n  p\n  q")`, ["a", "x\ny\n", "p q"]],
    ['yaml.unmarshal("[a]: 1")', ERROR],
    [String.raw`yaml.unmarshal("a: \"\\u00e9\\x41\"")`, { "a": "\u00e9A" }],
    [String.raw`yaml.unmarshal("\ta: 1")`, ERROR],
    [String.raw`yaml.unmarshal("a:\n\t- 1")`, ERROR],
    [String.raw`yaml.unmarshal("  a:\nb: 1")`, ERROR],
    ['yaml.unmarshal("a: b: c")', ERROR],
    ['yaml.unmarshal("a: 1e400")', { "a": "1e400" }],
    ['yaml.unmarshal("a: 0b11")', { "a": 3 }],
    ['yaml.unmarshal("a: -0b11")', { "a": -3 }],
    ['yaml.unmarshal("a: 0_7")', { "a": 7 }],
    ['yaml.unmarshal("a: 1.")', { "a": 1 }],
    ['yaml.unmarshal("a: +.inf")', ERROR],
    [String.raw`yaml.unmarshal("a: \"x")`, ERROR],
    ['yaml.unmarshal("a: @x")', ERROR],
    ['yaml.unmarshal("a: `x")', ERROR],
    [String.raw`yaml.unmarshal("- - 1\n  - 2")`, [[1, 2]]],
    ['yaml.unmarshal("a: 18446744073709551615")', { "a": 18446744073709551615 }],
    ['yaml.unmarshal("a: 18446744073709551616")', { "a": 18446744073709552000 }],
    [String.raw`yaml.unmarshal("%YAML 1.1\n---\na: yes")`, { "a": "yes" }],
    [String.raw`yaml.unmarshal("\"a\": null\n? b\n: 1")`, { "a": null, "b": 1 }],
    ['yaml.unmarshal("a: !!float 1")', { "a": 1 }],
    [String.raw`yaml.unmarshal("a: !!null \"\"")`, { "a": null }],
    ['yaml.unmarshal("a: ! 1")', { "a": 1 }],
    ['yaml.unmarshal("a: 1:30")', { "a": "1:30" }],
    ['yaml.unmarshal("a: <<")', { "a": "<<" }],
    ['yaml.unmarshal("<<: {a: 1}")', { "a": 1 }],
    [String.raw`yaml.unmarshal("\"<<\": {a: 1}")`, { "<<": { "a": 1 } }],
    ['yaml.unmarshal("a: - 1")', ERROR],
    ['yaml.unmarshal("a: 12e03")', { "a": 12000 }],
    ['yaml.unmarshal("a: ._5")', { "a": "._5" }],
    ['yaml.unmarshal("a: 1_0.5_0")', { "a": 10.5 }],
  ]));

Deno.test("marshal writes sorted keys, and quotes where Go does", () =>
  checkCalls([
    [
      'yaml.marshal({"a":[1,{"b":2,"c":[]}],"z":{},"a10":1,"a2":[[1,2],["x"]],"1":"true","n":null,"f":1.5,"g":1234567.25,"big":100000000000000000000000,"t":true})',
      '"1": "true"\na:\n  - 1\n  - b: 2\n    c: []\na2:\n  - - 1\n    - 2\n  - - x\na10: 1\nbig: 1e+23\nf: 1.5\ng: 1.23456725e+06\n"n": null\nt: true\nz: {}\n',
    ],
    [
      'yaml.marshal(["", " a", "a ", "- a", "a: b", "a #b", "#c", "yes", "1:30", "a\\nb", "a\\nb\\n", "a\\n", " a\\nb", "\\ta", "a\\tb", "\u00e9", "\\u0007", "0x1", "2001-01-01", "<<", "{a", "[a", "a,b", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "?", "? a", "-", "--- a", "it\'s", "\\"q\\"", "~", "null", ".5", "=", "a:", ":a", "null", "1_000", "\\u00a0x", "a\\n\\n b\\n", "a\\n\\n"])',
      "- \"\"\n- ' a'\n- 'a '\n- '- a'\n- 'a: b'\n- 'a #b'\n- '#c'\n- \"yes\"\n- \"1:30\"\n- |-\n  a\n  b\n- |\n  a\n  b\n- |\n  a\n- |2-\n   a\n  b\n- \"\\ta\"\n- \"a\\tb\"\n- \u00e9\n- \"\\a\"\n- \"0x1\"\n- \"2001-01-01\"\n- <<\n- '{a'\n- '[a'\n- a,b\n- '*a'\n- '&a'\n- '!a'\n- '|'\n- '>'\n- '%a'\n- '@a'\n- '`a'\n- '?'\n- '? a'\n- '-'\n- '--- a'\n- it's\n- '\"q\"'\n- \"~\"\n- \"null\"\n- \".5\"\n- =\n- 'a:'\n- :a\n- \"null\"\n- \"1_000\"\n- \u00a0x\n- |\n  a\n\n   b\n- |+\n  a\n\n",
    ],
    ['yaml.marshal("x")', "x\n"],
    ["yaml.marshal(1)", "1\n"],
    ["yaml.marshal([])", "[]\n"],
    ["yaml.marshal({})", "{}\n"],
    ["yaml.marshal([[],{}])", "- []\n- {}\n"],
  ]));

Deno.test("is_valid takes what unmarshal takes", () =>
  checkCalls([
    ['yaml.is_valid("a: [")', false],
    ['yaml.is_valid("a: 1")', true],
    ["yaml.is_valid(5)", false],
    ['yaml.is_valid("[a]: 1")', false],
    ['yaml.is_valid("a: .nan")', false],
  ]));

Deno.test("aliases cannot make a small text a huge value", () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(",")}]`);
  checkCalls([[`yaml.unmarshal(${JSON.stringify(["l0: &l0 [x]", ...levels].join("\n"))})`, ERROR]]);
});

Deno.test("a text nested too deep is an error", () =>
  checkCalls([[`yaml.unmarshal(${JSON.stringify("[".repeat(100_000))})`, ERROR]]));
