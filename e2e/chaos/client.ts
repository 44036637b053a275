import { Agent, request as httpsRequest } from "node:https";

/** What came of a request: an answer, or that the client itself gave it up. */
export type Sent = { readonly status: number; readonly body: string } | "cancelled";

export interface SendOptions {
  readonly url: string;
  readonly body: string;
  /** Gives it up after so many ms. */
  readonly cancelAfter?: number;
}

/**
 * A client as Go's: a pool of connections that are kept, requests that are given up, and one more try where a kept
 * connection was closed before any byte of an answer came (net/http, Transport, shouldRetryRequest).
 */
export class PoolingClient {
  readonly #agent: Agent;

  constructor(ca: string, connections: number) {
    this.#agent = new Agent({ ca, keepAlive: true, maxSockets: connections });
  }

  async send(options: SendOptions): Promise<Sent> {
    for (;;) {
      const result = await this.#once(options);
      if (result !== "retry") return result;
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #once({ url, body, cancelAfter }: SendOptions): Promise<Sent | "retry"> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": new TextEncoder().encode(body).length };
      const request = httpsRequest(url, { agent: this.#agent, method: "POST", headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => text += chunk);
        response.on("end", () => finish(() => resolve({ status: response.statusCode!, body: text })));
        response.on("error", (error) => finish(() => isCancelled ? resolve("cancelled") : reject(error)));
      });
      let isCancelled = false;
      const timer = cancelAfter === undefined ? undefined : setTimeout(() => {
        isCancelled = true;
        request.destroy(new Error("given up"));
      }, cancelAfter);
      const finish = (end: () => void) => {
        clearTimeout(timer);
        end();
      };
      request.on("error", (error) =>
        finish(() => {
          if (isCancelled) resolve("cancelled");
          else if (request.reusedSocket) resolve("retry");
          else reject(error);
        }));
      request.end(body);
    });
  }
}
