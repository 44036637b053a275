/** Answers per second of `kp serve` over HTTPS, against a server that only parses the same reviews. */
import { capturedPod } from "./captured.ts";
import { answersPerSecond } from "./load.ts";
import { interleave, type Series, table } from "./rounds.ts";
import { type ServerProcess, startServer } from "./server_process.ts";

const ROUNDS = { rounds: 7, warmup: 1 };
const SECONDS = 1;

const root = new URL("..", import.meta.url).pathname;
const [cert, key] = [`${root}test/fixtures/tls/localhost.crt`, `${root}test/fixtures/tls/localhost.key`];
const ca = await Deno.readTextFile(cert);
const config = ["--config", `${root}bench/restricted_and_platform.yaml`];
const addresses = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
const [echo, kp] = await Promise.all([
  startServer([`${root}bench/echo_server.ts`, cert, key], { output: "stdout", port: /^(\d+)\n/ }),
  startServer([`${root}src/main.ts`, "serve", ...config, ...addresses, "--tls-cert", cert, "--tls-key", key], {
    output: "stderr",
    port: /"webhook":"https:[^"]*:(\d+)"/,
  }),
]);

try {
  await compare("/validate, compliant pod", { endpoint: "validating", pod: "compliant" });
  await compare("/validate, violating pod", { endpoint: "validating", pod: "every-violation" });
  await compare("/mutate, violating pod", { endpoint: "mutating", pod: "every-violation" });
} finally {
  await Promise.all([echo.stop(), kp.stop()]);
}

interface Asked {
  readonly endpoint: "validating" | "mutating";
  readonly pod: string;
}

async function compare(title: string, { endpoint, pod }: Asked): Promise<void> {
  const { bytes } = await capturedPod(pod, endpoint);
  const path = endpoint === "validating" ? "/validate" : "/mutate";
  const used: Series[] = [];
  const candidate = (name: string, server: ServerProcess) => {
    const samples: number[] = [];
    used.push({ name, samples });
    return {
      name,
      sample: async () => {
        const before = server.cpuSeconds();
        const rate = await answersPerSecond({ port: server.port, path, body: bytes, ca }, SECONDS);
        samples.push((server.cpuSeconds() - before) / rate / SECONDS * 1e6);
        return rate;
      },
    };
  };
  const series = await interleave([candidate("parse and answer", echo), candidate("kp serve", kp)], ROUNDS);
  console.log(table(`${title}, ${bytes.length} bytes over HTTPS`, { unit: "answers/s", series }));
  const cpu = used.map(({ name, samples }) => ({ name, samples: samples.slice(ROUNDS.warmup) }));
  console.log(table(`${title}: processor time of the server`, { unit: "us an answer", series: cpu }));
}
