import { until } from "../../test/process_fixture.ts";

/** What the processes of a container may use. */
export interface Quota {
  /** Thousandths of a processor, as Kubernetes counts them. */
  readonly cpu: number;
  readonly memoryMiB?: number;
}

const ROOT = "/sys/fs/cgroup";
const PERIOD_US = 100_000;

/** Why there can be none here; undefined where there can. */
export async function missingControlGroup(): Promise<string | undefined> {
  try {
    await new ControlGroup({ cpu: 1000 })[Symbol.asyncDispose]();
  } catch (error) {
    return `without a control group of its own: ${(error as Error).message}`;
  }
}

/** A control group of the kernel, of version 1 or 2. Needs root. Throws where the system has none. */
export class ControlGroup implements AsyncDisposable {
  readonly #folders: string[] = [];

  constructor({ cpu, memoryMiB }: Quota) {
    const name = `kube-policies-${crypto.randomUUID()}`;
    const quota = cpu * PERIOD_US / 1000;
    const bytes = memoryMiB === undefined ? undefined : memoryMiB * 2 ** 20;
    if (hasFile(`${ROOT}/cgroup.controllers`)) {
      const folder = this.#make(`${ROOT}/${name}`);
      Deno.writeTextFileSync(`${folder}/cpu.max`, `${quota} ${PERIOD_US}`);
      if (bytes) Deno.writeTextFileSync(`${folder}/memory.max`, `${bytes}`);
      return;
    }
    const folder = this.#make(`${ROOT}/cpu/${name}`);
    Deno.writeTextFileSync(`${folder}/cpu.cfs_period_us`, `${PERIOD_US}`);
    Deno.writeTextFileSync(`${folder}/cpu.cfs_quota_us`, `${quota}`);
    if (bytes) Deno.writeTextFileSync(`${this.#make(`${ROOT}/memory/${name}`)}/memory.limit_in_bytes`, `${bytes}`);
  }

  /** A process, and those that it starts from now on. */
  add(pid: number): void {
    for (const folder of this.#folders) Deno.writeTextFileSync(`${folder}/cgroup.procs`, `${pid}`);
  }

  /** Waits until the last of its processes has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const folder of this.#folders) {
      await until(() => Deno.readTextFileSync(`${folder}/cgroup.procs`) === "", "no process in the group");
      await Deno.remove(folder);
    }
  }

  #make(folder: string): string {
    Deno.mkdirSync(folder);
    this.#folders.push(folder);
    return folder;
  }
}

function hasFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
