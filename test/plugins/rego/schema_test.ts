import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("match_schema tells what does not fit, in the words of OPA", () =>
  checkCalls([
    [
      'json.match_schema({"a": {"b": [{"c": 1}]}}, {"definitions": {"x": {"type": "string"}}, "properties": {"a": {"properties": {"b": {"items": {"properties": {"c": {"$ref": "#/definitions/x"}}}}}}}})',
      [false, [{
        "desc": "Invalid type. Expected: string, given: integer",
        "error": "a.b.0.c: Invalid type. Expected: string, given: integer",
        "field": "a.b.0.c",
        "type": "invalid_type",
      }]],
    ],
    ['json.match_schema({"x": 5}, {"oneOf": [{"required": ["x"]}, {"type": "object"}]})', [false, [{
      "desc": "Must validate one and only one schema (oneOf)",
      "error": "(Root): Must validate one and only one schema (oneOf)",
      "field": "(Root)",
      "type": "number_one_of",
    }]]],
    [
      'json.match_schema({"n": 10}, {"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"n": {"maximum": 10, "exclusiveMaximum": true}}})',
      [false, [{
        "desc": "Must be less than 10",
        "error": "n: Must be less than 10",
        "field": "n",
        "type": "number_lt",
      }]],
    ],
    ['json.match_schema({"n": 10}, {"properties": {"n": false}})', [false, [{
      "desc": "False always fails validation",
      "error": "n: False always fails validation",
      "field": "n",
      "type": "false",
    }]]],
    [
      'json.match_schema({"n": 10}, {"$id": "http://x.y/z", "definitions": {"a": {"$id": "#foo", "type": "string"}}, "properties": {"n": {"$ref": "#foo"}}})',
      [false, [{
        "desc": "Invalid type. Expected: string, given: integer",
        "error": "n: Invalid type. Expected: string, given: integer",
        "field": "n",
        "type": "invalid_type",
      }]],
    ],
    [
      'json.match_schema({"n": 10}, {"id": "http://x.y/z", "definitions": {"a": {"type": "string"}}, "properties": {"n": {"$ref": "z#/definitions/a"}}})',
      [false, [{
        "desc": "Invalid type. Expected: string, given: integer",
        "error": "n: Invalid type. Expected: string, given: integer",
        "field": "n",
        "type": "invalid_type",
      }]],
    ],
    ['json.match_schema({"n": []}, {"properties": {"n": {"contains": {"type": "string"}}}})', [false, [{
      "desc": "At least one of the items must match",
      "error": "n: At least one of the items must match",
      "field": "n",
      "type": "contains",
    }]]],
    ['json.match_schema({"abc": 1}, {"patternProperties": {"^a": {"type": "string"}}})', [false, [{
      "desc": "Invalid type. Expected: string, given: integer",
      "error": "abc: Invalid type. Expected: string, given: integer",
      "field": "abc",
      "type": "invalid_type",
    }]]],
    ['json.match_schema({"abc": 1}, {"type": ["string", "null"]})', [false, [{
      "desc": "Invalid type. Expected: [string,null], given: object",
      "error": "(Root): Invalid type. Expected: [string,null], given: object",
      "field": "(Root)",
      "type": "invalid_type",
    }]]],
    ['json.match_schema({"abc": 9007199254740993}, {"properties": {"abc": {"enum": [9007199254740992]}}})', [true, []]],
    ['json.match_schema("[1]", {"type": "object"})', [false, [{
      "desc": "Invalid type. Expected: object, given: array",
      "error": "(Root): Invalid type. Expected: object, given: array",
      "field": "(Root)",
      "type": "invalid_type",
    }]]],
    ['json.match_schema({"a": null}, {"properties": {"a": {"type": "string"}}})', [false, [{
      "desc": "Invalid type. Expected: string, given: null",
      "error": "a: Invalid type. Expected: string, given: null",
      "field": "a",
      "type": "invalid_type",
    }]]],
    [
      'json.match_schema({"e": "Bob <a@b.c>", "f": "a b@c", "g": "x@[1.2.3.4]", "h": "<a@b>"}, {"additionalProperties": {"format": "email"}})',
      [false, [{
        "desc": "Does not match format 'email'",
        "error": "f: Does not match format 'email'",
        "field": "f",
        "type": "format",
      }]],
    ],
    [
      'json.match_schema({"a": "/a{b}/{c}", "g": "a{b", "h": ""}, {"additionalProperties": {"format": "uri-template"}})',
      [false, [{
        "desc": "Does not match format 'uri-template'",
        "error": "g: Does not match format 'uri-template'",
        "field": "g",
        "type": "format",
      }]],
    ],
    [
      'json.match_schema({"a": "2020-01-01T00:00:00Z", "b": "2020-01-01T00:00:00.5+01:00", "c": "12:00:00", "d": "2020-01-01 00:00:00Z"}, {"additionalProperties": {"format": "date-time"}})',
      [false, [{
        "desc": "Does not match format 'date-time'",
        "error": "d: Does not match format 'date-time'",
        "field": "d",
        "type": "format",
      }]],
    ],
    ['json.match_schema({"n":10}, {"properties":{"n":{"multipleOf":0.1,"maximum":5000000}}})', [true, []]],
    ['json.match_schema({"n":1.1}, {"properties":{"n":{"multipleOf":0.1}}})', [true, []]],
    ['json.match_schema({"n":5000001}, {"properties":{"n":{"maximum":5000000}}})', [false, [{
      "desc": "Must be less than or equal to 5e+06",
      "error": "n: Must be less than or equal to 5e+06",
      "field": "n",
      "type": "number_lte",
    }]]],
    [
      'json.match_schema({"n":"ab"}, {"properties":{"n":{"anyOf":[{"type":"integer"},{"type":"string","minLength":2}]}}})',
      [true, []],
    ],
  ]));

Deno.test("match_schema takes documents and schemas that are no JSON for an error", () =>
  checkCalls([
    ['json.match_schema("{", {})', ERROR],
    ['json.match_schema({}, "{")', ERROR],
    ['json.match_schema({}, {"type":"nope"})', ERROR],
    [String.raw`json.match_schema("1", "{\"type\":\"integer\"}")`, [true, []]],
  ]));

Deno.test("verify_schema tells why a schema is none", () =>
  checkCalls([
    ['json.verify_schema({"type": "object", "properties": []})', [
      false,
      "jsonschema: Properties must be of type object",
    ]],
    ['json.verify_schema({"minimum": "1"})', [false, "jsonschema: minimum must be of a Number"]],
    ['json.verify_schema({"pattern": "("})', [false, "jsonschema: pattern must be a valid regex"]],
    ['json.verify_schema({"required": ["a", "a"]})', [false, "jsonschema: required items must be unique"]],
    ['json.verify_schema({"type": ["string", "string"]})', [false, "jsonschema: string type is duplicated"]],
    ['json.verify_schema({"minLength": 5, "maxLength": 2})', [
      false,
      "jsonschema: minLength cannot be greater than maxLength",
    ]],
    ['json.verify_schema({"minItems": -1})', [false, "jsonschema: minItems must be greater than or equal to 0"]],
    ['json.verify_schema({"$ref": "#/nope"})', [false, "jsonschema: Object has no key 'nope'"]],
    ['json.verify_schema({"items": 1})', [
      false,
      "jsonschema: Invalid type. Expected: Valid Schema/Array Of Schemas, given: items",
    ]],
    ['json.verify_schema({"multipleOf": 0})', [false, "jsonschema: multipleOf must be strictly greater than 0"]],
    ['json.verify_schema({"exclusiveMinimum": true})', [
      false,
      "jsonschema: exclusiveMinimum cannot be used without minimum",
    ]],
    ['json.verify_schema({"enum": [1, 1.0]})', [false, "jsonschema: enum items must be unique"]],
    ['json.verify_schema({"uniqueItems": 1})', [false, "jsonschema: uniqueItems must be of a boolean"]],
    ['json.verify_schema({"$schema": 5})', [false, "jsonschema: $schema must be of type string"]],
    ['json.verify_schema({"additionalProperties": 5})', [
      false,
      "jsonschema: Invalid type. Expected: boolean/Valid Schema, given: additionalProperties",
    ]],
    ['json.verify_schema({"definitions": {"x": 5}})', [
      false,
      "jsonschema: Invalid type. Expected: Array Of Schemas, given: definitions",
    ]],
    ['json.verify_schema({"not": 5})', [false, "jsonschema: not must be of an object"]],
    ['json.verify_schema({"if": 5})', [false, "jsonschema: if must be of an object"]],
    ['json.verify_schema({"dependencies": {"a": 5}})', [
      false,
      "jsonschema: Dependency must be of type Schema Or Array Of Strings",
    ]],
    ['json.verify_schema({"format": 5})', [false, "jsonschema: Invalid type. Expected: string, given: format"]],
    ['json.verify_schema("{")', [false, "jsonschema: invalid JSON string"]],
    ['json.verify_schema("true")', [true, null]],
    ['json.verify_schema("[]")', [false, "jsonschema: schema is invalid"]],
    ["json.verify_schema(5)", [false, "jsonschema: wrong type, expected string or object"]],
    ['json.verify_schema({"required":"a"})', [false, "jsonschema: required must be of an array"]],
    ['json.verify_schema({"patternProperties":{"(":{}}})', [false, "jsonschema: Invalid regex pattern '('"]],
    ['json.verify_schema({"exclusiveMaximum":"x"})', [
      false,
      "jsonschema: Invalid type. Expected: boolean/number, given: exclusiveMaximum",
    ]],
    ['json.verify_schema({"items":[5]})', [
      false,
      "jsonschema: Invalid type. Expected: Valid Schema/Array Of Schemas, given: items",
    ]],
    ['json.verify_schema({"type":5})', [
      false,
      "jsonschema: Invalid type. Expected: type, given: string/Array Of Strings",
    ]],
    ['json.verify_schema({"allOf":{}})', [false, "jsonschema: allOf must be of an array"]],
    ['json.verify_schema({"anyOf":[1]})', [false, "jsonschema: Expected: Valid Schema, given: Invalid JSON"]],
  ]));

Deno.test("a schema that leads back to itself is an error", () =>
  checkCalls([
    ['json.match_schema({}, {"$ref": "#"})', ERROR],
    ['json.match_schema({}, {"allOf": [{"$ref": "#"}]})', ERROR],
    ['json.match_schema({"a": {}}, {"properties": {"a": {"$ref": "#"}}})', [true, []]],
  ]));

Deno.test("a pattern takes linear time", () =>
  checkCalls([
    [`json.match_schema({"a": "${"a".repeat(50_000)}!"}, {"properties": {"a": {"pattern": "^(a+)+!$"}}})`, [true, []]],
  ]));

Deno.test("a reference to another document is refused", () =>
  checkCalls([['json.match_schema({}, {"$ref": "http://schemas.example/a"})', ERROR]]));
