/** A client that only measures: how long /readyz and a list take on one kept connection, in turn. Its plan on standard input's first line, a JSON line an answer. */

import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';

const planSchema = z.object({
  server: z.url(),
  serverName: z.string().optional(),
  ca: z.string(),
  cert: z.string(),
  key: z.string(),
  everyMs: z.number(),
});

const paths = { readyz: '/readyz', list: '/api/v1/namespaces/kube-system/pods' };

const input = createInterface({ input: process.stdin });
input.once('close', () => process.exit(0));
input.once('line', (line) => void measure(planSchema.parse(JSON.parse(line))));

async function measure({ server, serverName, everyMs, ...tls }: z.infer<typeof planSchema>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...tls, ...(serverName === undefined ? {} : { servername: serverName }) });
  for (;;) {
    for (const [what, path] of Object.entries(paths)) {
      const startedMs = monotonicMs();
      const ok = await get(new URL(path, server), agent);
      const endedMs = monotonicMs();
      if (ok) process.stdout.write(`${JSON.stringify({ what, atMs: endedMs, ms: endedMs - startedMs })}\n`);
      await delay(Math.max(1, everyMs - (endedMs - startedMs)));
    }
  }
}

function get(url: URL, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(url, { agent, timeout: 5000 }, (response) => {
      response.resume();
      response.once('end', () => resolve((response.statusCode ?? 0) < 400));
      response.once('error', () => resolve(false));
    });
    call.once('error', () => resolve(false));
    call.end();
  });
}
