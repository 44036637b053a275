import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("patch applies the operations of RFC 6902 in turn, to sets too", () =>
  checkCalls([
    ['json.patch({1,"x"}, [{"op":"add","path":["y"],"value":"y"},{"op":"remove","path":[1]}])', ["x", "y"]],
    ['json.patch({"s":{{"a":1}}}, [{"op":"add","path":["s",{"a":1},"b"],"value":2}])', { "s": [{ "a": 1, "b": 2 }] }],
    ['json.patch([1], [{"op":"add","path":"/01","value":1}])', ERROR],
    ['json.patch({"a":1}, [{"op":"test","path":"/a","value":2}])', ERROR],
    ['json.patch({"a/b":1,"c~d":2}, [{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/c~0d"}])', {}],
    ['json.patch({"":1}, [{"op":"remove","path":"/"}])', {}],
    ['json.patch({"a":1}, [{"op":"move","from":"/a","path":"/a/b"}])', ERROR],
    ['json.patch([1,2,3],[{"op":"move","from":"/0","path":"/2"}])', [2, 3, 1]],
    ['json.patch({1:"x"},[{"op":"remove","path":"/1"}])', ERROR],
    ['json.patch({1:"x"},[{"op":"remove","path":[1]}])', {}],
    ['json.patch({"a":1}, 5)', ERROR],
    ['json.patch({"a":1}, [5])', ERROR],
    ['json.patch({"a":1}, [{"op":"add","path":"/b"}])', ERROR],
    ['json.patch({"a":1}, [{"op":"nope","path":"/b"}])', ERROR],
    ['json.patch({"a":1}, [{"op":"add","path":5,"value":1}])', ERROR],
    ['json.patch({"a":1}, [{"path":"/b"}])', ERROR],
    ['json.patch({"a":1}, [{"op":"replace","path":"","value":[2]}])', [2]],
    ['json.patch({"a":1}, [{"op":"replace","path":"/b","value":2}])', ERROR],
    ['json.patch([1], [{"op":"add","path":"/2","value":2}])', ERROR],
    ['json.patch([1], [{"op":"remove","path":"/-"}])', ERROR],
    ['json.patch([1], [{"op":"add","path":"/+1","value":2}])', [1, 2]],
    ['json.patch([1], [{"op":"add","path":"/1.0","value":2}])', [1, 2]],
    ['json.patch([1], [{"op":"add","path":"/.","value":2}])', [2, 1]],
    ['json.patch([1], [{"op":"add","path":"/1.5","value":2}])', ERROR],
    ['json.patch({1}, [{"op":"add","path":[2],"value":3}])', ERROR],
    ['json.patch({"a":1}, [{"op":"add","path":"/a/b","value":3}])', ERROR],
  ]));

Deno.test("marshal_with_options writes JSON as Go does", () =>
  checkCalls([
    [
      String.raw`json.marshal_with_options({"b":[{2,1},{}],"a":"<&>\u2028",1:null},{"prefix":">","indent":" "})`,
      '>{\n> "1": null,\n> "a": "\\u003c\\u0026\\u003e\\u2028",\n> "b": [\n>  [\n>   1,\n>   2\n>  ],\n>  {}\n> ]\n>}',
    ],
    [
      'json.marshal_with_options([1.5,100000000000000000000],{"pretty":true,"indent":""})',
      "[\n1.5,\n100000000000000000000\n]",
    ],
    ["json.marshal_with_options({[1]:2},{})", '{"[1]":2}'],
    ['json.marshal_with_options([1],{"pretty":1})', ERROR],
    ['json.marshal_with_options([1],{"indent":2})', ERROR],
    ['json.marshal_with_options([1],{"nope":2})', ERROR],
    ['json.marshal_with_options([[],{}],{"pretty":true})', "[\n\t[],\n\t{}\n]"],
    ['json.marshal_with_options([1],{"pretty":false,"indent":" "})', "[1]"],
  ]));
