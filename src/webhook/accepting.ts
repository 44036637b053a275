import type { Server } from "node:http";
import { type AddressInfo, connect, Server as NetServer, type Socket } from "node:net";
import type { Log } from "../log.ts";

/** A blocked event loop must not look like a server that accepts nothing: a look or two may come late. */
const LOOKS = 2;

/**
 * Deno 2.9 never accepts a connection again, without a word, once it could not for want of a file descriptor. So where
 * none came between two looks, one is opened to ourselves; when it does not come in either, the server listens anew.
 * To be called before the server listens. Ends when the server is closed. Does nothing on Deno 2.6, whose servers tell
 * nothing of their connections.
 */
export function keepAccepting(server: Server, { log, everyMs = 1000 }: { log: Log; everyMs?: number }): void {
  if (!(server instanceof NetServer)) return;
  let bound: AddressInfo;
  let isLost = false;
  let cameIn = false;
  let probe: Socket | undefined;
  let looks = 0;
  const forget = () => {
    probe?.destroy();
    [probe, looks] = [undefined, 0];
  };
  const open = () => {
    probe = connect(bound.port, bound.address);
    probe.on("error", forget);
  };
  const look = () => {
    if (isLost) return void server.listen(bound.port, bound.address);
    if (!server.listening) {
      forget();
      return clearInterval(timer);
    }
    if (cameIn) cameIn = false;
    else if (probe === undefined) open();
    else if (++looks === LOOKS) {
      forget();
      isLost = true;
      server.close();
      server.listen(bound.port, bound.address);
    }
  };
  let timer: ReturnType<typeof setInterval>;
  server.on("connection", () => {
    cameIn = true;
    forget();
  });
  server.on("listening", () => {
    if (isLost) log("listening_again", { port: bound.port });
    else {
      timer = setInterval(look, everyMs);
      Deno.unrefTimer(timer as unknown as number);
    }
    isLost = false;
    bound = server.address() as AddressInfo;
  });
  server.on("error", () => {}); // told by whoever called listen(), and tried again by the next look
}
