import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("parse_query gives the tree that gqlparser makes, with its comments", () =>
  checkCalls([
    [
      String
        .raw`graphql.parse_query("# one\n# two\nquery Q( # v\n  $a: Int = # d\n   5\n  # v2\n  $b: [Int!]! = [1, # l\n   2]) # dir\n @x(a: # val\n  # val2\n  {k: # inner\n    [1], # o\n    j: $a}) {\n  # f\n  al: f(\n   # arg\n   x: $a) # after\n  ... # sp\n  F @d\n  # inl\n  ... on T { a }\n  # end\n}\n# frag\nfragment F($z: String) on T { ... { a } ... @include(if: true) { b } }\n# eof\n{ a(x: null, y: true, z: E, w: 1.5e3, s: \"\"\"\n  block\n   s\n\"\"\") }")`,
      JSON.parse(String.raw`
{"Fragments":[{"Comment":{"List":[{"Value":"# frag"}]},"Name":"F","SelectionSet":[{"SelectionSet":[{"Alias":"a","Name":"a"}],
"TypeCondition":""},{"Directives":[{"Arguments":[{"Name":"if","Value":{"ExpectedTypeHasDefault":false,"Kind":5,"Raw":"true"}}],
"Location":"","Name":"include"}],"SelectionSet":[{"Alias":"b","Name":"b"}],"TypeCondition":""}],"TypeCondition":"T",
"VariableDefinition":[{"Type":{"NamedType":"String","NonNull":false},"Used":false,"Variable":"z"}]}],"Operations":[{"Comment":{"List":[{"Value":"# one"},
{"Value":"# two"}]},"Directives":[{"Arguments":[{"Name":"a","Value":{"Children":[{"Name":"k","Value":{"Children":[{"Name":"",
"Value":{"ExpectedTypeHasDefault":false,"Kind":1,"Raw":"1"}}],"Comment":{"List":[{"Value":"# inner"}]},
"ExpectedTypeHasDefault":false,"Kind":8,"Raw":""}},{"Comment":{"List":[{"Value":"# o"}]},"Name":"j","Value":{"ExpectedTypeHasDefault":false,
"Kind":0,"Raw":"a"}}],"Comment":{"List":[{"Value":"# val"},{"Value":"# val2"}]},"ExpectedTypeHasDefault":false,"Kind":9,
"Raw":""}}],"Location":"","Name":"x"}],"Name":"Q","Operation":"query","SelectionSet":[{"Alias":"al","Arguments":[{"Comment":{"List":[{"Value":"# arg"}]},
"Name":"x","Value":{"ExpectedTypeHasDefault":false,"Kind":0,"Raw":"a"}}],"Comment":{"List":[{"Value":"# f"}]},"Name":"f"},
{"Comment":{"List":[{"Value":"# after"}]},"Directives":[{"Location":"","Name":"d"}],"Name":"F"},{"Comment":{"List":[{"Value":"# inl"}]},
"SelectionSet":[{"Alias":"a","Name":"a"}],"TypeCondition":"T"}],"VariableDefinitions":[{"Comment":{"List":[{"Value":"# v"}]},
"DefaultValue":{"ExpectedTypeHasDefault":false,"Kind":1,"Raw":"5"},"Type":{"NamedType":"Int","NonNull":false},"Used":false,
"Variable":"a"},{"Comment":{"List":[{"Value":"# v2"}]},"DefaultValue":{"Children":[{"Name":"","Value":{"ExpectedTypeHasDefault":false,
"Kind":1,"Raw":"1"}},{"Name":"","Value":{"ExpectedTypeHasDefault":false,"Kind":1,"Raw":"2"}}],"ExpectedTypeHasDefault":false,
"Kind":8,"Raw":""},"Type":{"Elem":{"NamedType":"Int","NonNull":true},"NamedType":"","NonNull":true},"Used":false,
"Variable":"b"}]},{"Name":"","Operation":"query","SelectionSet":[{"Alias":"a","Arguments":[{"Name":"x","Value":{"ExpectedTypeHasDefault":false,
"Kind":6,"Raw":"null"}},{"Name":"y","Value":{"ExpectedTypeHasDefault":false,"Kind":5,"Raw":"true"}},{"Name":"z",
"Value":{"ExpectedTypeHasDefault":false,"Kind":7,"Raw":"E"}},{"Name":"w","Value":{"ExpectedTypeHasDefault":false,
"Kind":2,"Raw":"1.5e3"}},{"Name":"s","Value":{"ExpectedTypeHasDefault":false,"Kind":4,"Raw":"block\n s"}}],"Name":"a"}]}]}`),
    ],
    ['graphql.parse_query("")', {}],
    ['graphql.parse_query("{ a ")', ERROR],
    ['graphql.parse_query("{ a { } }")', ERROR],
    [String.raw`graphql.parse_query("\"d\" query Q { a }")`, ERROR],
    ['graphql.parse_query("type A { b: Int }")', ERROR],
    ['graphql.parse_query("{ ...F(a: 1) }")', ERROR],
    ["graphql.parse_query(5)", ERROR],
  ]));

Deno.test("parse_schema gives the tree that gqlparser makes, with its comments", () =>
  checkCalls([
    [
      String
        .raw`graphql.parse_schema("\n# bd\n\"desc\"\n# ad\ntype T implements A & B @x(a: 1) {\n  # fb\n  \"fd\"\n  # fa\n  f(\"ad\" a: Int = 1 @d, # c\n    b: [S]): T! @deprecated\n  # end\n}\n\"\" type E1 { a: Int }\n# x\nextend type T @y\nschema @s { query: T # q\n mutation: M\n # es\n}\nextend schema { subscription: S }\nunion U @u = | A | B\nenum E { # e1\n \"d\" A @x\n B }\ninput I { a: Int = 1, b: [I] @x }\n\"dd\" directive @foo(a: Int = 1) repeatable on FIELD | QUERY\nscalar S @specifiedBy(url: \"x\")\ninterface J implements K { a: Int }\n# last\n")`,
      JSON.parse(String.raw`
{"Comment":{"List":[{"Value":"# last"}]},"Definitions":[{"AfterDescriptionComment":{"List":[{"Value":"# ad"}]},
"BeforeDescriptionComment":{"List":[{"Value":"# bd"}]},"BuiltIn":false,"Description":"desc","Directives":[{"Arguments":[{"Name":"a",
"Value":{"ExpectedTypeHasDefault":false,"Kind":1,"Raw":"1"}}],"Location":"","Name":"x"}],"EndOfDefinitionComment":{"List":[{"Value":"# end"}]},
"Fields":[{"AfterDescriptionComment":{"List":[{"Value":"# fa"}]},"Arguments":[{"DefaultValue":{"ExpectedTypeHasDefault":false,
"Kind":1,"Raw":"1"},"Description":"ad","Directives":[{"Location":"","Name":"d"}],"Name":"a","Type":{"NamedType":"Int",
"NonNull":false}},{"AfterDescriptionComment":{"List":[{"Value":"# c"}]},"Description":"","Name":"b","Type":{"Elem":{"NamedType":"S",
"NonNull":false},"NamedType":"","NonNull":false}}],"BeforeDescriptionComment":{"List":[{"Value":"# fb"}]},
"Description":"fd","Directives":[{"Location":"","Name":"deprecated"}],"Name":"f","Type":{"NamedType":"T","NonNull":true}}],
"Interfaces":["A","B"],"Kind":"OBJECT","Name":"T"},{"BuiltIn":false,"Description":"","Fields":[{"Description":"",
"Name":"a","Type":{"NamedType":"Int","NonNull":false}}],"Kind":"OBJECT","Name":"E1"},{"BuiltIn":false,"Description":"",
"Directives":[{"Location":"","Name":"u"}],"Kind":"UNION","Name":"U","Types":["A","B"]},{"BuiltIn":false,"Description":"",
"EnumValues":[{"BeforeDescriptionComment":{"List":[{"Value":"# e1"}]},"Description":"d","Directives":[{"Location":"",
"Name":"x"}],"Name":"A"},{"Description":"","Name":"B"}],"Kind":"ENUM","Name":"E"},{"BuiltIn":false,"Description":"",
"Fields":[{"DefaultValue":{"ExpectedTypeHasDefault":false,"Kind":1,"Raw":"1"},"Description":"","Name":"a","Type":{"NamedType":"Int",
"NonNull":false}},{"Description":"","Directives":[{"Location":"","Name":"x"}],"Name":"b","Type":{"Elem":{"NamedType":"I",
"NonNull":false},"NamedType":"","NonNull":false}}],"Kind":"INPUT_OBJECT","Name":"I"},{"BuiltIn":false,"Description":"",
"Directives":[{"Arguments":[{"Name":"url","Value":{"ExpectedTypeHasDefault":false,"Kind":3,"Raw":"x"}}],"Location":"",
"Name":"specifiedBy"}],"Kind":"SCALAR","Name":"S"},{"BuiltIn":false,"Description":"","Fields":[{"Description":"",
"Name":"a","Type":{"NamedType":"Int","NonNull":false}}],"Interfaces":["K"],"Kind":"INTERFACE","Name":"J"}],
"Directives":[{"Arguments":[{"DefaultValue":{"ExpectedTypeHasDefault":false,"Kind":1,"Raw":"1"},"Description":"",
"Name":"a","Type":{"NamedType":"Int","NonNull":false}}],"Description":"dd","IsRepeatable":true,"Locations":["FIELD",
"QUERY"],"Name":"foo"}],"Extensions":[{"AfterDescriptionComment":{"List":[{"Value":"# x"}]},"BuiltIn":false,
"Description":"","Directives":[{"Location":"","Name":"y"}],"Kind":"OBJECT","Name":"T"}],"Schema":[{"Description":"",
"Directives":[{"Location":"","Name":"s"}],"EndOfDefinitionComment":{"List":[{"Value":"# es"}]},"OperationTypes":[{"Operation":"query",
"Type":"T"},{"Comment":{"List":[{"Value":"# q"}]},"Operation":"mutation","Type":"M"}]}],"SchemaExtension":[{"Description":"",
"OperationTypes":[{"Operation":"subscription","Type":"S"}]}]}`),
    ],
    ['graphql.parse_schema("")', {}],
    ['graphql.parse_schema("# c")', { "Comment": { "List": [{ "Value": "# c" }] } }],
    ['graphql.parse_schema("{ a }")', ERROR],
    ['graphql.parse_schema("type A {")', ERROR],
    ['graphql.parse_schema("type A { }")', ERROR],
    ['graphql.parse_schema("extend type A")', ERROR],
  ]));

Deno.test("is_valid checks a query under a schema", () =>
  checkCalls([
    [
      'graphql.is_valid("{ a(x: 1) { id } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      true,
    ],
    [
      'graphql.is_valid("{ a { id } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    ['graphql.is_valid("{ b }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")', true],
    [
      'graphql.is_valid("{ b { c } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("{ nope }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("query Q($v: Int!) { a(x: $v) { id } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      true,
    ],
    [
      'graphql.is_valid("query Q($v: Int) { a(x: $v) { id } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("query Q($v: Int) { b }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      String
        .raw`graphql.is_valid("{ a(x: \"s\") { id } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")`,
      false,
    ],
    [
      'graphql.is_valid("{ a(x: 1) { ...F } } fragment F on T { id }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      true,
    ],
    [
      'graphql.is_valid("{ ...F } fragment F on Query { ...F }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("{ a(x: 1) }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    ['graphql.is_valid("", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")', true],
    [
      'graphql.is_valid("{ a(x: 1) { u { ... on T { id } } } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      true,
    ],
    [
      'graphql.is_valid("mutation { b }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("{ b @skip(if: true) }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      true,
    ],
    [
      'graphql.is_valid("{ b @nope }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("type A { b: Int }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("{ a(x: 1) { id } a(x: 2) { id } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    [
      'graphql.is_valid("{ __schema { types { name } } }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      true,
    ],
    [
      'graphql.is_valid({"Operations": [{"Name": "", "Operation": "query", "SelectionSet": [{"Alias": "a", "Arguments": [{"Name": "x", "Value": {"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": "1"}}], "Name": "a", "SelectionSet": [{"Alias": "id", "Name": "id"}]}]}]}, {"Definitions": [{"BuiltIn": false, "Description": "", "Fields": [{"Arguments": [{"Description": "", "Name": "x", "Type": {"NamedType": "Int", "NonNull": true}}], "Description": "", "Name": "a", "Type": {"NamedType": "T", "NonNull": false}}, {"Description": "", "Name": "b", "Type": {"Elem": {"NamedType": "String", "NonNull": false}, "NamedType": "", "NonNull": false}}], "Kind": "OBJECT", "Name": "Query"}, {"BuiltIn": false, "Description": "", "Fields": [{"Description": "", "Name": "id", "Type": {"NamedType": "ID", "NonNull": false}}, {"Description": "", "Name": "u", "Type": {"NamedType": "U", "NonNull": false}}], "Kind": "OBJECT", "Name": "T"}, {"BuiltIn": false, "Description": "", "Kind": "UNION", "Name": "U", "Types": ["T"]}]})',
      true,
    ],
    [
      'graphql.is_valid("{ a(x: 1) { id } }", {"Definitions": [{"BuiltIn": false, "Description": "", "Fields": [{"Arguments": [{"Description": "", "Name": "x", "Type": {"NamedType": "Int", "NonNull": true}}], "Description": "", "Name": "a", "Type": {"NamedType": "T", "NonNull": false}}, {"Description": "", "Name": "b", "Type": {"Elem": {"NamedType": "String", "NonNull": false}, "NamedType": "", "NonNull": false}}], "Kind": "OBJECT", "Name": "Query"}, {"BuiltIn": false, "Description": "", "Fields": [{"Description": "", "Name": "id", "Type": {"NamedType": "ID", "NonNull": false}}, {"Description": "", "Name": "u", "Type": {"NamedType": "U", "NonNull": false}}], "Kind": "OBJECT", "Name": "T"}, {"BuiltIn": false, "Description": "", "Kind": "UNION", "Name": "U", "Types": ["T"]}]})',
      true,
    ],
    [
      'graphql.is_valid({"Operations": [{"Name": "", "Operation": "query", "SelectionSet": [{"Alias": "a", "Arguments": [{"Name": "x", "Value": {"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": "1"}}], "Name": "a", "SelectionSet": [{"Alias": "id", "Name": "id"}]}]}]}, "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      true,
    ],
    ["graphql.is_valid(5, 5)", false],
    [
      'graphql.is_valid({"Operations": 5}, "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      false,
    ],
    ['graphql.is_valid("{ a }", "nope")', false],
  ]));

Deno.test("schema_is_valid needs no query type, and extends types that are not there", () =>
  checkCalls([
    ['graphql.schema_is_valid("type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")', true],
    ['graphql.schema_is_valid("type Query { a: Nope }")', false],
    ['graphql.schema_is_valid("extend type Q { a: Int }")', true],
    ['graphql.schema_is_valid("type A { a: Int } type A { b: Int }")', false],
    ['graphql.schema_is_valid("type A { a: Int } extend interface A { b: Int }")', false],
    ['graphql.schema_is_valid("type __A { a: Int }")', false],
    ['graphql.schema_is_valid("scalar Int")', false],
    ['graphql.schema_is_valid("input I { a: I! }")', false],
    ['graphql.schema_is_valid("input I { a: I }")', true],
    ['graphql.schema_is_valid("interface I { a: Int } type T implements I { b: Int }")', false],
    ['graphql.schema_is_valid("interface I { a: Int } type T implements I { a: Int }")', true],
    ['graphql.schema_is_valid("enum E { A A }")', false],
    ['graphql.schema_is_valid("enum E { true }")', false],
    ['graphql.schema_is_valid("union U = U")', false],
    ['graphql.schema_is_valid("directive @d(a: Int @d) on FIELD")', false],
    ['graphql.schema_is_valid("directive @d on OBJECT type A @d { a: Int } extend type A @d")', true],
    ['graphql.schema_is_valid("schema { query: Q } schema { query: Q } type Q { a: Int }")', false],
    ['graphql.schema_is_valid("")', true],
    ['graphql.schema_is_valid("{ a }")', false],
    ['graphql.schema_is_valid("directive @skip on FIELD")', true],
    [
      'graphql.schema_is_valid({"Definitions": [{"BuiltIn": false, "Description": "", "Fields": [{"Arguments": [{"Description": "", "Name": "x", "Type": {"NamedType": "Int", "NonNull": true}}], "Description": "", "Name": "a", "Type": {"NamedType": "T", "NonNull": false}}, {"Description": "", "Name": "b", "Type": {"Elem": {"NamedType": "String", "NonNull": false}, "NamedType": "", "NonNull": false}}], "Kind": "OBJECT", "Name": "Query"}, {"BuiltIn": false, "Description": "", "Fields": [{"Description": "", "Name": "id", "Type": {"NamedType": "ID", "NonNull": false}}, {"Description": "", "Name": "u", "Type": {"NamedType": "U", "NonNull": false}}], "Kind": "OBJECT", "Name": "T"}, {"BuiltIn": false, "Description": "", "Kind": "UNION", "Name": "U", "Types": ["T"]}]})',
      true,
    ],
    ["graphql.schema_is_valid(5)", false],
  ]));

Deno.test("parse and parse_and_verify give both trees", () =>
  checkCalls([
    [
      'graphql.parse("{ b }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      JSON.parse(String.raw`
[{"Operations":[{"Name":"","Operation":"query","SelectionSet":[{"Alias":"b","Name":"b"}]}]},{"Definitions":[{"BuiltIn":false,
"Description":"","Fields":[{"Arguments":[{"Description":"","Name":"x","Type":{"NamedType":"Int","NonNull":true}}],
"Description":"","Name":"a","Type":{"NamedType":"T","NonNull":false}},{"Description":"","Name":"b","Type":{"Elem":{"NamedType":"String",
"NonNull":false},"NamedType":"","NonNull":false}}],"Kind":"OBJECT","Name":"Query"},{"BuiltIn":false,"Description":"",
"Fields":[{"Description":"","Name":"id","Type":{"NamedType":"ID","NonNull":false}},{"Description":"","Name":"u","Type":{"NamedType":"U",
"NonNull":false}}],"Kind":"OBJECT","Name":"T"},{"BuiltIn":false,"Description":"","Kind":"UNION","Name":"U","Types":["T"]}]}]`),
    ],
    ['graphql.parse("{ nope }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")', ERROR],
    [
      'graphql.parse_and_verify("{ b }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      JSON.parse(String.raw`
[true,{"Operations":[{"Name":"","Operation":"query","SelectionSet":[{"Alias":"b","Name":"b"}]}]},{"Definitions":[{"BuiltIn":false,
"Description":"","Fields":[{"Arguments":[{"Description":"","Name":"x","Type":{"NamedType":"Int","NonNull":true}}],
"Description":"","Name":"a","Type":{"NamedType":"T","NonNull":false}},{"Description":"","Name":"b","Type":{"Elem":{"NamedType":"String",
"NonNull":false},"NamedType":"","NonNull":false}}],"Kind":"OBJECT","Name":"Query"},{"BuiltIn":false,"Description":"",
"Fields":[{"Description":"","Name":"id","Type":{"NamedType":"ID","NonNull":false}},{"Description":"","Name":"u","Type":{"NamedType":"U",
"NonNull":false}}],"Kind":"OBJECT","Name":"T"},{"BuiltIn":false,"Description":"","Kind":"UNION","Name":"U","Types":["T"]}]}]`),
    ],
    [
      'graphql.parse_and_verify("{ nope }", "type Query { a(x: Int!): T b: [String] } type T { id: ID u: U } union U = T")',
      [false, {}, {}],
    ],
    [
      'graphql.parse_and_verify({"Operations": [{"Name": "", "Operation": "query", "SelectionSet": [{"Alias": "a", "Arguments": [{"Name": "x", "Value": {"ExpectedTypeHasDefault": false, "Kind": 1, "Raw": "1"}}], "Name": "a", "SelectionSet": [{"Alias": "id", "Name": "id"}]}]}]}, {"Definitions": [{"BuiltIn": false, "Description": "", "Fields": [{"Arguments": [{"Description": "", "Name": "x", "Type": {"NamedType": "Int", "NonNull": true}}], "Description": "", "Name": "a", "Type": {"NamedType": "T", "NonNull": false}}, {"Description": "", "Name": "b", "Type": {"Elem": {"NamedType": "String", "NonNull": false}, "NamedType": "", "NonNull": false}}], "Kind": "OBJECT", "Name": "Query"}, {"BuiltIn": false, "Description": "", "Fields": [{"Description": "", "Name": "id", "Type": {"NamedType": "ID", "NonNull": false}}, {"Description": "", "Name": "u", "Type": {"NamedType": "U", "NonNull": false}}], "Kind": "OBJECT", "Name": "T"}, {"BuiltIn": false, "Description": "", "Kind": "UNION", "Name": "U", "Types": ["T"]}]})',
      JSON.parse(String.raw`
[true,{"Operations":[{"Name":"","Operation":"query","SelectionSet":[{"Alias":"a","Arguments":[{"Name":"x","Value":{"ExpectedTypeHasDefault":false,
"Kind":1,"Raw":"1"}}],"Name":"a","SelectionSet":[{"Alias":"id","Name":"id"}]}]}]},{"Definitions":[{"BuiltIn":false,
"Description":"","Fields":[{"Arguments":[{"Description":"","Name":"x","Type":{"NamedType":"Int","NonNull":true}}],
"Description":"","Name":"a","Type":{"NamedType":"T","NonNull":false}},{"Description":"","Name":"b","Type":{"Elem":{"NamedType":"String",
"NonNull":false},"NamedType":"","NonNull":false}}],"Kind":"OBJECT","Name":"Query"},{"BuiltIn":false,"Description":"",
"Fields":[{"Description":"","Name":"id","Type":{"NamedType":"ID","NonNull":false}},{"Description":"","Name":"u","Type":{"NamedType":"U",
"NonNull":false}}],"Kind":"OBJECT","Name":"T"},{"BuiltIn":false,"Description":"","Kind":"UNION","Name":"U","Types":["T"]}]}]`),
    ],
    ["graphql.parse_and_verify(5, 5)", [false, {}, {}]],
    ["graphql.parse(5, 5)", ERROR],
  ]));

Deno.test("a query with more tokens than a check could bear is an error", () =>
  checkCalls([[`graphql.parse_query("{ ${"a ".repeat(30_000)} }")`, ERROR]]));

Deno.test("a text of hashes takes linear time", () =>
  checkCalls([[`graphql.is_valid("${"#".repeat(50_000)}\\n}", "")`, false]]));

Deno.test("a query nested too deep is an error", () =>
  checkCalls([[`graphql.parse_query("${"{a".repeat(9_000)}")`, ERROR]]));
