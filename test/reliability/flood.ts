/**
 * `deno run flood.ts ORIGIN CONNECTIONS SECONDS`: reviews of pods with many containers, on all connections at once, as
 * fast as they are answered. Writes how often each status came, and the connections that were closed.
 */
import { goodContainer, goodPod, requestOf, reviewOf } from "../request_fixture.ts";
import { postRequest, RawConnection } from "../raw_http.ts";

const [origin, connections, seconds] = Deno.args;
const containers = Array.from({ length: 300 }, (_, index) => goodContainer({ name: `c${index}`, image: "a:1" }));
const REQUEST = postRequest("/validate", JSON.stringify(reviewOf(requestOf(goodPod({ containers })))));
const counts: Record<string, number> = {};
const end = performance.now() + Number(seconds) * 1000;

function count(what: number | string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

async function flood(): Promise<void> {
  while (performance.now() < end) {
    try {
      await using connection = await RawConnection.open(origin);
      while (performance.now() < end) {
        await connection.send(REQUEST);
        count((await connection.response()).status);
      }
    } catch {
      count("closed");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

await Promise.all(Array.from({ length: Number(connections) }, flood));
console.log(JSON.stringify(counts));
