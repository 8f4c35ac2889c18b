/** A deadline that is ours and not the kernel's: a dead host with a warm neighbour entry says nothing for 38 s. */

/**
 * What `begin` settles with, or `late()` after `ms`. Timers run before sockets are read: after a standstill of this process
 * the answer may lie there unread, so the sockets are read once more before it counts as late.
 */
export function inTime<T>(ms: number, late: () => T, begin: (settle: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve) => {
    let settled = false;
    const settle = (value: T): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(value);
    };
    const timer = setTimeout(() => {
      setImmediate(() => setImmediate(() => !settled && settle(late())));
    }, ms);
    begin(settle);
  });
}
