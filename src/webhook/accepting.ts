import type { Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Log } from "../log.ts";

/**
 * Deno 2.9 never accepts a connection again, without a word, once it could not for want of a file descriptor. So where
 * none came for a while, one is opened to ourselves; when it does not come in either, the server listens anew.
 */
export function keepAccepting(server: Server, { log, everyMs = 2000 }: { log: Log; everyMs?: number }): void {
  let bound: AddressInfo;
  let probe: Socket | undefined;
  let looks = 0;
  const accepted = () => {
    looks = 0;
    probe?.destroy();
    probe = undefined;
  };
  const listenAgain = () => {
    accepted();
    if (server.listening) server.close();
    server.listen(bound.port, bound.address);
  };
  server.on("connection", accepted);
  server.on("error", (error) => log("listen_failed", { cause: error.message }));
}
