/** Load at a fixed rate: a slow answer keeps no other request from being sent when it is due. */
import { Agent, request } from "node:https";

export interface OpenLoop {
  readonly url: string;
  /** A file with one review a line. */
  readonly reviews: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
}

/** Milliseconds from when a request was due to the end of its answer. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly asked: number;
}

export async function openLoop({ url, reviews, rate, seconds }: OpenLoop): Promise<Latencies> {
  const bodies = Deno.readTextFileSync(reviews).trim().split("\n");
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const taken: Promise<number>[] = [];
  const started = performance.now();
  while (taken.length < rate * seconds) {
    const due = started + taken.length * 1000 / rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    else {taken.push(
        send(url, { agent, body: bodies[taken.length % bodies.length] }).then(() => performance.now() - due),
      );}
  }
  const sorted = (await Promise.all(taken)).toSorted((a, b) => a - b);
  agent.destroy();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)];
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), asked: sorted.length };
}

function send(url: string, { agent, body }: { agent: Agent; body: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": new TextEncoder().encode(body).length };
    const sent = request(url, { agent, method: "POST", headers }, (response) => {
      response.resume();
      response.on("end", () => response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`)));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
