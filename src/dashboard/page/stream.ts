/** Listens to the server; connects again by itself, and says why it cannot. */

import type { Change } from './page-data.ts';

/** The server beats each 3 s. */
const silentMs = 10_000;
const againMs = 2000;

/** `lost` is called with a word when the server cannot be heard, and with undefined when it can be again. */
export function listen(heard: (change: Change) => void, lost: (word: string | undefined) => void): void {
  let heardAtMs = performance.now();
  let source: EventSource | undefined;
  const connect = () => {
    source?.close();
    heardAtMs = performance.now();
    const opened = new EventSource('/events');
    source = opened;
    opened.onmessage = ({ data }) => {
      heardAtMs = performance.now();
      const change: Change = JSON.parse(String(data));
      lost(undefined);
      heard(change);
    };
    opened.onerror = () => {
      lost('the server does not answer; trying again');
      if (opened.readyState === EventSource.CLOSED) void ask();
    };
  };
  // An answer other than 200 ends an EventSource for good: which one it was, only a question of its own can tell.
  const ask = async () => {
    const status = await fetch('/', { cache: 'no-store' }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 403) lost('another trivet dashboard runs here now: open the address that it printed');
    setTimeout(connect, againMs);
  };
  setInterval(() => {
    if (performance.now() - heardAtMs < silentMs) return;
    lost('the server says nothing any more; trying again');
    connect();
  }, 1000);
  connect();
}
