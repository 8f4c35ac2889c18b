/** Server-sent events: the view as it is, then every change, until the page goes away. */

import type { ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Hub } from './hub.ts';
import type { Change } from './page/page-data.ts';

/** So often a page hears from a server that has nothing to say; it calls three of them missed a loss. */
const beatMs = 3000;
/** A page that reads so slowly is cut off: when it comes again it is given the view as it is then. */
const mostBuffered = 8 * 1024 * 1024;

/** JSON has no line ends, so that one line of data is the whole message. */
export function frame(change: Change): string {
  return `data: ${JSON.stringify(change)}\n\n`;
}

/** Never ends by itself. */
export function streamTo(response: ServerResponse, hub: Hub, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
  const send = (text: string) => {
    if (response.writableLength > mostBuffered) response.destroy();
    else response.write(text);
  };
  const beat = () => send(frame({ kind: 'beat', nowMs: performance.now() }));
  const timer = setInterval(beat, beatMs);
  const stop = hub.listen((change) => send(frame(change)));
  response.once('close', () => {
    clearInterval(timer);
    stop();
  });
  send(`retry: 1000\n\n${frame({ kind: 'view', view: hub.view(), nowMs: performance.now() })}`);
}
