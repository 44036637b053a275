/** A server in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a script of this project, and takes its port from the first line that has one. */
export async function startServer(
  args: readonly string[],
  { output, port }: { output: "stdout" | "stderr"; port: RegExp },
): Promise<ServerProcess> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", ...args],
    stdin: "null",
    stdout: output === "stdout" ? "piped" : "null",
    stderr: output === "stderr" ? "piped" : "inherit",
  });
  const child = command.spawn();
  const reader = child[output].pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!port.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start ${args[0]}: ${text}`);
    text += value;
  }
  const drained = drain(reader);
  return running(child, { port: Number(port.exec(text)![1]), drained });
}

/** Starts any other command, which listens on that port once it is up. What it prints is lost. */
export async function startCommand(
  command: string,
  { args, port }: { args: readonly string[]; port: number },
): Promise<ServerProcess> {
  const child = new Deno.Command(command, { args: [...args], stdin: "null", stdout: "null", stderr: "null" }).spawn();
  for (let tries = 0; !(await isListening(port)); tries++) {
    if (tries === 200) throw new Error(`Cannot start ${command}: nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return running(child, { port, drained: Promise.resolve() });
}

/** One that is free now, for a command that does not say which it took. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

function running(
  child: Deno.ChildProcess,
  { port, drained }: { port: number; drained: Promise<void> },
): ServerProcess {
  return {
    port,
    pid: child.pid,
    stop: async () => {
      child.kill("SIGTERM");
      await Promise.all([child.status, drained]);
    },
  };
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
