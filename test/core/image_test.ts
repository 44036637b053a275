import assert from "node:assert/strict";
import { parseImage } from "../../src/core/image.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

/** Text, then registry, repository, tag, digest. */
const VALID: readonly (readonly [string, string, string, string?, string?])[] = [
  ["nginx", "docker.io", "library/nginx"],
  ["nginx:1.27", "docker.io", "library/nginx", "1.27"],
  ["library/nginx", "docker.io", "library/nginx"],
  ["docker.io/nginx", "docker.io", "library/nginx"],
  ["docker.io/library/nginx:latest", "docker.io", "library/nginx", "latest"],
  ["index.docker.io/nginx", "docker.io", "library/nginx"],
  ["index.docker.io/grafana/loki", "docker.io", "grafana/loki"],
  ["registry-1.docker.io/library/nginx", "registry-1.docker.io", "library/nginx"],
  ["grafana/loki:3", "docker.io", "grafana/loki", "3"],
  ["registry/app", "docker.io", "registry/app"],
  ["registry.example.com/app", "registry.example.com", "app"],
  ["registry.example.com/team/app:1.0", "registry.example.com", "team/app", "1.0"],
  ["registry.example.com:5000/app", "registry.example.com:5000", "app"],
  ["nginx:1/2", "nginx:1", "2"],
  ["registry:5000/app:1", "registry:5000", "app", "1"],
  ["localhost/app", "localhost", "app"],
  ["localhost:5000/app", "localhost:5000", "app"],
  ["127.0.0.1:5000/app", "127.0.0.1:5000", "app"],
  ["[::1]:5000/app", "[::1]:5000", "app"],
  ["Registry.Example.COM/app", "registry.example.com", "app"],
  ["DOCKER.IO/nginx", "docker.io", "library/nginx"],
  ["Registry/app", "registry", "app"],
  ["registry.example.com", "docker.io", "library/registry.example.com"],
  ["registry.example.com:5000", "docker.io", "library/registry.example.com", "5000"],
  ["localhost", "docker.io", "library/localhost"],
  ["a/b/c/d/e", "docker.io", "a/b/c/d/e"],
  ["app--x/y__z.w", "docker.io", "app--x/y__z.w"],
  ["app:Tag_1.0-rc.1", "docker.io", "library/app", "Tag_1.0-rc.1"],
  [`app:${"t".repeat(128)}`, "docker.io", "library/app", "t".repeat(128)],
  [`app@${DIGEST}`, "docker.io", "library/app", undefined, DIGEST],
  [`registry.example.com/app:1@${DIGEST}`, "registry.example.com", "app", "1", DIGEST],
  [`app@sha512:${HEX}${HEX}`, "docker.io", "library/app", undefined, `sha512:${HEX}${HEX}`],
  [`app@sha384:${HEX}${HEX.slice(32)}`, "docker.io", "library/app", undefined, `sha384:${HEX}${HEX.slice(32)}`],
  ["registry.example.com.evil.net/app", "registry.example.com.evil.net", "app"],
  ["evil.net/registry.example.com/app", "evil.net", "registry.example.com/app"],
  [`registry.example.com/${"a".repeat(255)}`, "registry.example.com", "a".repeat(255)],
  [`team/${HEX}`, "docker.io", `team/${HEX}`],
  [`registry.example.com/${HEX}`, "registry.example.com", HEX],
];

const INVALID: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["a space", " "],
  ["a leading space", " nginx"],
  ["a trailing newline", "nginx\n"],
  ["a NUL", "nginx\0"],
  ["an inner tab", "registry.example.com/\tapp"],
  ["an upper-case repository", "Nginx"],
  ["an upper-case component behind a host", "registry.example.com/Team/app"],
  ["an upper-case component in the middle", "team/App"],
  ["an empty tag", "nginx:"],
  ["two tags", "nginx:1:2"],
  ["a tag that begins with a dash", "nginx:-1"],
  ["a tag with a slash", "team/nginx:1/2"],
  ["a tag of 129 characters", `nginx:${"t".repeat(129)}`],
  ["an empty digest", "nginx@"],
  ["a word for a digest", "registry.example.com@evil"],
  ["a user before the host", "registry.example.com@evil.example.net/app"],
  ["a digest one short", `nginx@${DIGEST.slice(0, -1)}`],
  ["a digest one long", `nginx@${DIGEST}0`],
  ["a digest in capitals", `nginx@sha256:${HEX.toUpperCase()}`],
  ["a digest that is not hexadecimal", `nginx@sha256:${"g".repeat(64)}`],
  ["a sha512 digest as long as sha256", `nginx@sha512:${HEX}`],
  ["an unknown algorithm", `nginx@md5:${HEX.slice(32)}`],
  ["an algorithm in capitals", `nginx@SHA256:${HEX}`],
  ["two digests", `nginx@${DIGEST}@${DIGEST}`],
  ["a tag behind the digest", `nginx@${DIGEST}:1`],
  ["a digest of nothing", `@${DIGEST}`],
  ["a tag of nothing", ":1"],
  ["the id of an image on the node", HEX],
  ["a leading slash", "/nginx"],
  ["a trailing slash", "registry.example.com/"],
  ["two slashes", "registry.example.com//app"],
  ["a parent folder", "registry.example.com/../app"],
  ["a scheme", "https://registry.example.com/app"],
  ["a port that is a word", "registry.example.com:port/app"],
  ["a port that is missing", "registry.example.com:/app"],
  ["a host that ends in a dot", "registry.example.com./app"],
  ["a host that begins with a dash", "-registry.example.com/app"],
  ["a host with an empty label", "registry..example.com/app"],
  // Upstream takes it for a path on no registry at all, containerd for a host: so it is neither.
  ["a host with an underscore", "registry_1.example.com/app"],
  ["an address with a zone", "[fe80::1%eth0]:5000/app"],
  ["three underscores", "a___b"],
  ["two dots", "a..b"],
  ["a dash at the end", "app-"],
  ["a dot at the beginning", ".app"],
  ["a backslash", "registry.example.com\\app"],
  ["a percent sign", "registry.example.com/%2e%2e/app"],
  ["a query", "registry.example.com/app?x"],
  ["a Cyrillic o in docker.io", "d\u043ecker.io/nginx"],
  ["a Cyrillic a in a repository", "\u0430pp"],
  ["a full-width dot", "registry\uff0eexample.com/app"],
  ["a zero-width space", "docker.io\u200b/nginx"],
  ["a right-to-left override", "\u202edocker.io/nginx"],
  ["a Kelvin sign, which is k in lower case", "doc\u212aer.io/nginx"],
  ["an Arabic digit in a port", "registry.example.com:\u0665/app"],
  ["a lone surrogate", "\ud800/app"],
  ["a repository of 256 characters", `registry.example.com/${"a".repeat(256)}`],
  ["256 characters with library/", "a".repeat(248)],
  ["5,000 characters", "a".repeat(5000)],
];

for (const [text, registry, repository, tag = null, digest = null] of VALID) {
  Deno.test(`parseImage reads ${text.length > 60 ? `${text.slice(0, 60)}...` : text}`, () => {
    assert.deepEqual(parseImage(text), { registry, repository, tag, digest });
  });
}

for (const [what, text] of INVALID) {
  Deno.test(`parseImage refuses ${what}`, () => assert.equal(parseImage(text), null));
}

Deno.test("parseImage takes linear time on text made to backtrack", () => {
  const adversarial = [
    (n: number) => `${"a".repeat(n)}!`,
    (n: number) => `a${"-".repeat(n)}`,
    (n: number) => `${"a-".repeat(n / 2)}_`,
    (n: number) => `${"a_".repeat(n / 2)}`,
    (n: number) => `${"a.".repeat(n / 2)}_/x`,
    (n: number) => `${"a-a.".repeat(n / 4)}-/x`,
    (n: number) => `a.${"-".repeat(n)}/x`,
    (n: number) => `a.b:${"1".repeat(n)}x/x`,
    (n: number) => `[${":".repeat(n)}/x`,
    (n: number) => "/".repeat(n),
    (n: number) => "@".repeat(n),
    (n: number) => ":".repeat(n),
    (n: number) => `x@sha256:${"0".repeat(n)}`,
    (n: number) => `x:${"t".repeat(n)}`,
  ];
  for (const make of adversarial) {
    let before = Infinity;
    for (const length of [250, 1000, 4000]) {
      const text = make(length);
      assert.equal(parseImage(text), null, "the text is refused at its end");
      const time = Math.max(bestOf(() => parseImage(text)), 0.002);
      assert.ok(time < before * 10, `4 times the text of ${text.slice(0, 8)}... took ${time} ms after ${before} ms`);
      before = time;
    }
  }
});

/** Milliseconds of the quickest of several runs: what disturbs a run makes it slower, never quicker. */
function bestOf(run: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
