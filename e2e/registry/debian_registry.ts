import { createHash } from "node:crypto";

export const PASSWORD = "registry-test";
export const USER = "kp";
/** bcrypt of PASSWORD, the only form that the registry reads. */
const HTPASSWD = `${USER}:$2b$04$DHrTEhAob71LRiP.q98dn.IEpnPOhJtW7ksJccd3OWNb44xQlwmqa\n`;
const AUTHORIZATION = `Basic ${btoa(`${USER}:${PASSWORD}`)}`;

export interface Pushed {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** `docker-registry serve` on a free port of this machine, over a temporary folder. */
export interface Registry extends AsyncDisposable {
  readonly host: string;
  blob(repository: string, bytes: Uint8Array<ArrayBuffer>): Promise<Pushed>;
  manifest(repository: string, json: object, tag?: string): Promise<Pushed>;
}

export const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export async function startRegistry({ password = false } = {}): Promise<Registry> {
  const folder = await Deno.makeTempDir({ prefix: "kp-registry-" });
  await Deno.writeTextFile(`${folder}/htpasswd`, HTPASSWD);
  await Deno.writeTextFile(`${folder}/config.yml`, configOf(folder, password));
  const args = ["serve", `${folder}/config.yml`];
  const process = new Deno.Command("docker-registry", { args, stdout: "null", stderr: "piped" }).spawn();
  const log = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const host = await listeningHost(log);
  const drained = drain(log);
  const headers = password ? { authorization: AUTHORIZATION } : undefined;
  return {
    host,
    blob: (repository, bytes) => pushBlob(`http://${host}/v2/${repository}`, { bytes, headers }),
    manifest: (repository, json, tag) => pushManifest(`http://${host}/v2/${repository}`, { json, tag, headers }),
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await Promise.all([process.status, drained]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function configOf(folder: string, password: boolean): string {
  const auth = password ? { auth: { htpasswd: { realm: "test", path: `${folder}/htpasswd` } } } : {};
  return JSON.stringify({
    version: 0.1,
    storage: { filesystem: { rootdirectory: `${folder}/storage` } },
    http: { addr: "127.0.0.1:0", secret: "test" },
    ...auth,
  });
}

/** The registry chooses its port, and says so in its log. */
async function listeningHost(log: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  for (;;) {
    const { done, value } = await log.read();
    if (done) throw new Error(`docker-registry ended: ${text}`);
    text += value;
    const found = /listening on (127\.0\.0\.1:\d+)/.exec(text);
    if (found) return found[1];
  }
}

async function drain(log: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await log.read()).done);
}

interface Blob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

async function pushBlob(base: string, { bytes, headers }: Blob): Promise<Pushed> {
  const started = await sent(`${base}/blobs/uploads/`, { method: "POST", headers });
  const upload = new URL(started.headers.get("location")!, base);
  const digest = digestOf(bytes);
  upload.searchParams.set("digest", digest);
  await sent(upload, {
    method: "PUT",
    body: bytes,
    headers: { ...headers, "content-type": "application/octet-stream" },
  });
  return { mediaType: "application/octet-stream", digest, size: bytes.length };
}

interface Manifest {
  readonly json: object;
  readonly tag?: string;
  readonly headers?: Record<string, string>;
}

async function pushManifest(base: string, { json, tag, headers }: Manifest): Promise<Pushed> {
  const body = JSON.stringify(json);
  const digest = digestOf(body);
  const { mediaType } = json as { mediaType: string };
  await sent(`${base}/manifests/${tag ?? digest}`, {
    method: "PUT",
    body,
    headers: { ...headers, "content-type": mediaType },
  });
  return { mediaType, digest, size: new TextEncoder().encode(body).length };
}

async function sent(url: string | URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status} ${text}`);
  return response;
}
