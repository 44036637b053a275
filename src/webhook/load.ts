import type { Server } from "node:http";
import type { Socket } from "node:net";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Limits } from "../config/config.ts";
import type { Log } from "../log.ts";
import { burstLog } from "./burst_log.ts";
import { PeerRates } from "./peer_rates.ts";

/** Which limit a request met. */
export type RequestShed = "in_flight" | "rate" | "memory";

const REASONS = ["in_flight", "connections", "rate", "memory"] as const;

/** What a request holds while it is in flight. */
export interface Place {
  /** Takes so many bytes more; false where all requests together hold too many. */
  hold(bytes: number): boolean;
  /** Gives everything back. */
  leave(): void;
}

const MIB = 1024 * 1024;

/** About 1 MiB of addresses and buckets. */
const PEERS = 4096;

/**
 * What the webhook port has taken on, within the limits. What is above them is shed: counted, and told once a second at
 * most. The API server takes it for a webhook that could not be called.
 */
export class Load {
  readonly #limits: Limits;
  readonly #rates: PeerRates | null;
  readonly #shed: Counter;
  readonly #log: Log;
  #inFlight = 0;
  #bytes = 0;
  #connections = 0;

  /** `known`: clients have certificates, and no limit by address. */
  constructor(limits: Limits, { registry, log, known }: { registry: Registry; log: Log; known: boolean }) {
    this.#limits = limits;
    const { requestsPerSecond } = limits;
    this.#rates = known || requestsPerSecond === 0
      ? null
      : new PeerRates({ perSecond: requestsPerSecond, peers: PEERS });
    this.#log = burstLog(log);
    const registers = [registry];
    this.#shed = new Counter({
      name: "kube_policies_shed_requests_total",
      help: "Requests and connections above a limit",
      labelNames: ["reason"],
      registers,
    });
    REASONS.forEach((reason) => this.#shed.inc({ reason }, 0));
    const gauge = (name: string, { help, value }: { help: string; value: () => number }) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge("kube_policies_requests_in_flight", {
      help: "Requests that are read or answered",
      value: () => this.#inFlight,
    });
    gauge("kube_policies_buffered_bytes", { help: "Bytes of the bodies of these", value: () => this.#bytes });
    gauge("kube_policies_connections", { help: "Open connections to the webhooks", value: () => this.#connections });
  }

  /** A place for one request more of that address, or why there is none. */
  enter(peer: string): Place | RequestShed {
    if (this.#rates?.take(peer, performance.now()) === false) return this.shed("rate");
    if (this.#inFlight >= this.#limits.inFlight) return this.shed("in_flight");
    this.#inFlight++;
    let held = 0;
    return {
      hold: (bytes) => {
        if (this.#bytes + bytes > this.#limits.memory * MIB) return false;
        this.#bytes += bytes;
        held += bytes;
        return true;
      },
      leave: () => {
        this.#inFlight--;
        this.#bytes -= held;
      },
    };
  }

  /** Counts it. */
  shed<Reason extends typeof REASONS[number]>(reason: Reason): Reason {
    this.#shed.inc({ reason });
    this.#log("requests_shed", { reason });
    return reason;
  }

  /** Closes connections above the limit as they come. Deno's `maxConnections` does too, and tells nobody of it. */
  limitConnections(server: Server): void {
    server.on("connection", (socket: Socket) => {
      if (this.#connections >= this.#limits.connections) {
        this.shed("connections");
        return void socket.destroy();
      }
      this.#connections++;
      socket.once("close", () => this.#connections--);
    });
  }
}
