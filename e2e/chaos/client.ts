import { Agent, request as httpsRequest } from "node:https";
import { postRequest, RawConnection } from "../../test/raw_http.ts";

/** What came of a request: an answer, or that the client itself gave it up. */
export type Sent = { readonly status: number; readonly body: string } | "cancelled";

export interface SendOptions {
  readonly url: string;
  readonly body: string;
  /** Gives it up after so many ms. */
  readonly cancelAfter?: number;
}

/**
 * A client as Go's: a pool of connections that are kept, requests that are given up with their connection, and one more
 * try where a kept connection was closed before any byte of an answer came (net/http, Transport, shouldRetryRequest).
 */
export class PoolingClient {
  readonly #ca: string;
  readonly #agent: Agent;

  constructor(ca: string, connections: number) {
    this.#ca = ca;
    this.#agent = new Agent({ ca, keepAlive: true, maxSockets: connections });
  }

  async send(options: SendOptions): Promise<Sent> {
    if (options.cancelAfter !== undefined) return await this.#giveUp(options.url, options);
    for (;;) {
      const result = await this.#once(options);
      if (result !== "retry") return result;
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** On a connection of its own: Deno sends what is destroyed once more on a kept one. */
  async #giveUp(url: string, { body, cancelAfter }: Pick<SendOptions, "body" | "cancelAfter">): Promise<Sent> {
    const { origin, pathname, search } = new URL(url);
    await using connection = await RawConnection.open(origin, this.#ca);
    await connection.send(postRequest(pathname + search, body));
    await new Promise((resolve) => setTimeout(resolve, cancelAfter));
    return "cancelled";
  }

  #once({ url, body }: SendOptions): Promise<Sent | "retry"> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": new TextEncoder().encode(body).length };
      const request = httpsRequest(url, { agent: this.#agent, method: "POST", headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => text += chunk);
        response.on("end", () => resolve({ status: response.statusCode!, body: text }));
        response.on("error", reject);
      });
      request.on("error", (error) => request.reusedSocket ? resolve("retry") : reject(error));
      request.end(body);
    });
  }
}
