import { checkCalls, ERROR } from "./builtin_call.ts";

Deno.test("digests are of the UTF-8 of a text, in hexadecimal", () =>
  checkCalls([
    ['crypto.md5("")', "d41d8cd98f00b204e9800998ecf8427e"],
    ['crypto.md5("é𝄞")', "f2586d57791e1d1b063c894414f3b316"],
    ['crypto.sha1("abc")', "a9993e364706816aba3e25717850c26c9cd0d89d"],
    ['crypto.sha256("abc")', "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["crypto.sha256(1)", ERROR],
    ["crypto.md5(null)", ERROR],
  ]));

Deno.test("a MAC takes the message first and then the key", () =>
  checkCalls([
    ['crypto.hmac.md5("a", "é")', "5e391ddb652a5a5938b7a2e4abe647f3"],
    ['crypto.hmac.sha1("a", "b")', "8abe0fd691e3da3035f7b7ac91be45d99e942b9e"],
    ['crypto.hmac.sha256("", "")', "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"],
    [
      'crypto.hmac.sha512("a", "")',
      "239254cd9e54392dde39bc8f975f2498cf709caa598ce3762be282d860dbea5d8034eee86f19bbdf3efdab22c6be610a8908faf2800af46243364135e9bb206e",
    ],
    ['crypto.hmac.sha256("a", 1)', ERROR],
  ]));

Deno.test("MACs are equal as texts", () =>
  checkCalls([
    ['crypto.hmac.equal("ab", "ab")', true],
    ['crypto.hmac.equal("ab", "AB")', false],
    ['crypto.hmac.equal("ab", "abc")', false],
    ['crypto.hmac.equal("", "")', true],
    ['crypto.hmac.equal("", [])', ERROR],
  ]));
