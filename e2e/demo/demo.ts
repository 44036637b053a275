/**
 * Shows the three commands on real AdmissionReviews, recorded from a real API server: `deno task demo`. Ends by itself;
 * exit code 1 when something did not go as it says.
 */
const ROOT = new URL("../../", import.meta.url).pathname;
const KP = ["run", "--quiet", "--allow-all", `${ROOT}src/main.ts`];
const CONFIG = `${ROOT}e2e/demo/kube-policies.yaml`;
const CAPTURES = `${ROOT}test/fixtures/captures`;

interface Captured {
  readonly request: {
    readonly uid: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly operation: string;
    readonly kind: { readonly kind: string };
    readonly userInfo: { readonly username: string };
  };
}

interface Answer {
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly code: number; readonly message: string };
    readonly warnings?: readonly string[];
    readonly patch?: string;
    readonly auditAnnotations: Readonly<Record<string, string>>;
  };
}

/** Which review to show, what it is to show, and the annotation or field that proves it. */
const SHOWN: readonly [webhook: "validate" | "mutate", name: string, verdict: string, proof: string][] = [
  ["mutate", "compliant", "allowed", "policy_revision"],
  ["mutate", "unset", "patched", "patches"],
  ["validate", "compliant", "allowed", "default-allow"],
  ["validate", "host-ipc", "denied", "denied"],
  ["validate", "unset", "warned", "warned"],
  ["validate", "sysdig-agent", "monitored in its namespace, not denied", "monitored"],
  ["validate", "node-exporter", "excused by an exception", "allowlisted"],
  ["validate", "sre-pid", "breakglass", "breakglass_authorized"],
  ["validate", "aws-node", "critical", "critical_allowlisted"],
];

const say = (text = "") => console.log(text);
const faults: string[] = [];

function expect(holds: boolean, fault: string): void {
  if (!holds) faults.push(fault);
}

async function reviewsIn(file: string): Promise<Captured[]> {
  const text = await Deno.readTextFile(`${CAPTURES}/${file}.jsonl`);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** Runs `kp serve` with a config, or with the embedded defaults, while `use` posts to it. */
async function withServer(args: readonly string[], use: (url: string) => Promise<void>): Promise<void> {
  const addresses = ["--insecure-http", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
  const server = new Deno.Command(Deno.execPath(), {
    args: [...KP, "serve", ...addresses, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const [log, rest] = server.stderr.tee();
    rest.pipeTo(new WritableStream()).catch(() => {});
    await use(await addressIn(log));
  } finally {
    server.kill("SIGTERM");
    expect((await server.status).code === 0, "kp serve did not end with 0");
  }
}

async function addressIn(log: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const chunk of log.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const address = /"event":"serving","webhook":"([^"]+)"/.exec(text);
    if (address) return address[1];
  }
  throw new Error(`kp serve ended: ${text}`);
}

async function post(url: string, review: Captured): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(review) });
  const answer: Answer = await response.json();
  expect(answer.response.uid === review.request.uid, `${review.request.uid} was answered with another uid`);
  return answer;
}

function show({ request }: Captured, verdict: string, { response }: Answer): void {
  const { kind, namespace, name, operation, userInfo } = request;
  say(`\n${verdict.toUpperCase()}: ${operation} ${kind.kind} ${namespace}/${name} by ${userInfo.username}`);
  const { uid: _, patch, ...shown } = response;
  for (const line of JSON.stringify({ ...shown, ...(patch && { patch: "(base64)" }) }, null, 2).split("\n")) {
    say(`  ${line.length > 220 ? `${line.slice(0, 220)}...` : line}`);
  }
}

async function kp(...args: string[]): Promise<{ code: number; out: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args: [...KP, ...args], cwd: ROOT }).output();
  return { code, out: new TextDecoder().decode(stdout) };
}

function head(text: string, count: number): string {
  const lines = text.trimEnd().split("\n");
  const tail = lines.length > count + 1 ? ["...", lines.at(-1)!] : lines.slice(count);
  return [...lines.slice(0, count), ...tail].map((line) => `  ${line}`).join("\n");
}

const started = Date.now();
const captured = { validate: await reviewsIn("validating"), mutate: await reviewsIn("mutating") };

say("1. kp serve with the embedded defaults: everything is watched, nothing is refused.");
await withServer([], async (url) => {
  const review = captured.validate.find(({ request }) => request.name === "host-ipc")!;
  const answer = await post(`${url}/validate`, review);
  show(review, "monitored", answer);
  expect(answer.response.allowed && "monitored" in answer.response.auditAnnotations, "host-ipc was not monitored");
});

say("\n2. kp serve with e2e/demo/kube-policies.yaml: some policies are promoted to warn, deny and patch.");
const counts = { denied: 0, warned: 0, patched: 0, allowed: 0 };
await withServer(["--config", CONFIG], async (url) => {
  for (const [webhook, name, verdict, proof] of SHOWN) {
    const review = captured[webhook].find(({ request }) => request.name === name && request.operation === "CREATE")!;
    const answer = await post(`${url}/${webhook}`, review);
    show(review, verdict, answer);
    expect(proof in answer.response.auditAnnotations, `${name} was not ${verdict}`);
  }
  for (const webhook of ["validate", "mutate"] as const) {
    for (const review of captured[webhook]) {
      const { response } = await post(`${url}/${webhook}`, review);
      counts[!response.allowed ? "denied" : response.warnings ? "warned" : response.patch ? "patched" : "allowed"]++;
    }
  }
});
for (const [verdict, count] of Object.entries(counts)) expect(count > 0, `nothing was ${verdict}`);

say("\n3. kp check: the same policies on a developer's manifest.");
const check = await kp("check", "--config", CONFIG, "test/fixtures/manifests/pod-every-violation.json");
say(head(check.out, 14));
expect(check.code === 1, `kp check ended with ${check.code}`);

say("\n4. kp replay: the same policies on the recorded reviews.");
const replay = await kp("replay", "--config", CONFIG, "test/fixtures/captures/validating.jsonl");
say(head(replay.out, 6));
expect(replay.code === 0, `kp replay ended with ${replay.code}`);

const total = captured.validate.length + captured.mutate.length;
const verdicts = Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
say(`\ndemo: ${total} real reviews answered (${verdicts}) in ${((Date.now() - started) / 1000).toFixed(1)} s`);
for (const fault of faults) console.error(`demo: ${fault}`);
Deno.exit(faults.length > 0 ? 1 : 0);
