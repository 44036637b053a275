import type { Log } from "../log.ts";

/**
 * Logs events of which a flood brings thousands: the first at once, those that follow by one line a second with their
 * `count`, apart by their other fields, which have to be of a small set.
 */
export function burstLog(log: Log, everyMs = 1000): Log {
  const counts = new Map<string, number>();
  return (event, fields = {}) => {
    const key = JSON.stringify([event, fields]);
    const count = counts.get(key);
    if (count !== undefined) return void counts.set(key, count + 1);
    counts.set(key, 0);
    log(event, { ...fields, count: 1 });
    const timer = setInterval(() => {
      const more = counts.get(key)!;
      if (more > 0) {
        log(event, { ...fields, count: more });
        return void counts.set(key, 0);
      }
      counts.delete(key);
      clearInterval(timer);
    }, everyMs);
    Deno.unrefTimer(timer);
  };
}
