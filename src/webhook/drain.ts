import type { Server } from "node:http";

/** Requests in flight are answered; idle connections are closed. Resolves when no connection is left. */
export function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

/** Whether that is done within the time. */
export function isDoneWithin(milliseconds: number, done: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  return Promise.race([done.then(() => true), late.promise]).finally(() => clearTimeout(timer));
}
