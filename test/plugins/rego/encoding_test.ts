import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("hex and base64url", () =>
  checkCalls([
    ['hex.encode("é!")', "c3a921"],
    ['hex.decode("c3a921")', "é!"],
    ['hex.decode("C3A9")', "é"],
    ['hex.decode("")', ""],
    ['hex.decode("abc")', ERROR],
    ['hex.decode("zz")', ERROR],
    ["hex.encode(1)", ERROR],
    ['base64url.encode_no_pad("é??>")', "w6k_Pz4"],
    ['base64url.encode_no_pad("")', ""],
    ["base64url.encode_no_pad(1)", ERROR],
  ]));

Deno.test("urlquery escapes as Go does", () =>
  checkCalls([
    ['urlquery.encode("a b&c=é/?*\'()!~-_.")', "a+b%26c%3D%C3%A9%2F%3F%2A%27%28%29%21~-_."],
    ['urlquery.decode("a+b%26%C3%A9%2f")', "a b&é/"],
    ['urlquery.decode("%zz")', ERROR],
    ['urlquery.decode("%2")', ERROR],
    ['urlquery.encode_object({"b": "1", "a": ["x y", "&"], "c": {"z", "q"}, "d": []})', "a=x+y&a=%26&b=1&c=q&c=z"],
    ['urlquery.encode_object({"a": 1})', ERROR],
    ['urlquery.encode_object({"a": [1]})', ERROR],
    ["urlquery.encode_object([])", ERROR],
    ['urlquery.decode_object("a=1&b=2&a=3&c&=x&&d=%20=")', {
      "": ["x"],
      "a": ["1", "3"],
      "b": ["2"],
      "c": [""],
      "d": [" ="],
    }],
    ['urlquery.decode_object("")', {}],
    ['urlquery.decode_object("a;b=1")', ERROR],
    ['urlquery.decode_object("%")', ERROR],
  ]));

Deno.test("uri.parse gives the parts that there are", () =>
  checkCalls([
    ['uri.parse("HTTPS://user:p@example.com:8443/a%20b/c%2fd?q=1&r#frag%20x")', {
      "fragment": "frag x",
      "hostname": "example.com",
      "path": "/a b/c/d",
      "port": "8443",
      "raw_path": "/a%20b/c%2fd",
      "raw_query": "q=1&r",
      "scheme": "https",
    }],
    ['uri.parse("http://[fe80::1%25en0]:80/")', {
      "hostname": "fe80::1%en0",
      "path": "/",
      "port": "80",
      "raw_path": "/",
      "scheme": "http",
    }],
    ['uri.parse("/a/b?")', { "path": "/a/b", "raw_path": "/a/b" }],
    ['uri.parse("mailto:a@b.c")', { "scheme": "mailto" }],
    ['uri.parse("//host")', { "hostname": "host" }],
    ['uri.parse("http://h:/")', { "hostname": "h", "path": "/", "raw_path": "/", "scheme": "http" }],
    ['uri.parse("")', {}],
    ['uri.parse("*")', { "path": "*", "raw_path": "*" }],
    ['uri.parse("http://h:x/")', ERROR],
    ['uri.parse("http://[1.2.3.4]/")', ERROR],
    ['uri.parse("1a:b")', ERROR],
    ['uri.parse(":a")', ERROR],
    ['uri.parse("http://a b/")', ERROR],
    ['uri.parse("/%zz")', ERROR],
    [String.raw`uri.parse("a\nb")`, ERROR],
    ["uri.parse(1)", ERROR],
  ]));

Deno.test("uri.is_valid is false for the empty text and for no text", () =>
  checkCalls([
    ['uri.is_valid("http://example.com")', true],
    ['uri.is_valid("a/b")', true],
    ['uri.is_valid("")', false],
    ['uri.is_valid("http://[")', false],
    ["uri.is_valid(1)", false],
  ]));

Deno.test("glob.quote_meta escapes what a glob would read", () =>
  checkCalls([
    [String.raw`glob.quote_meta("*.{a,b}[!c-d]?\\")`, "\\*.\\{a,b\\}\\[!c-d\\]\\?\\\\"],
    ['glob.quote_meta("")', ""],
    ["glob.quote_meta(1)", ERROR],
  ]));
