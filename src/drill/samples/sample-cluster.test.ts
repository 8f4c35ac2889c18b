import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Secret } from '../../model/secret.ts';
import { sampleCluster } from './sample-cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'trivet-samples-'));

it('sampleCluster: whichever master answers tells of nodes and leases; the VIP by the agents’ looks, judged again at the end', {
  timeout: 30_000,
}, async () => {
  const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const argv = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${keyFile} -out ${certFile} -days 1 -subj /CN=api -addext subjectAltName=IP:127.0.0.1`;
  execFileSync('openssl', argv.split(' '), { stdio: 'ignore' });
  const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
  rmSync(directory, { recursive: true });
  const asked: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    asked.push(request.url ?? '');
    const nodes = [{ metadata: { name: 'm1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }];
    const leases = [{ metadata: { name: 'kube-scheduler' }, spec: { holderIdentity: 'm1_1', renewTime: 'now' } }];
    response.end(JSON.stringify({ metadata: { resourceVersion: '7' }, items: request.url?.includes('/nodes') ? nodes : leases }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const holds = (of: boolean, atMs: number) => ({ kind: 'holds', holds: of, atMs, sinceMs: atMs - 50 }) as const;
  const m1 = { from: 'm1', looks: [holds(true, 10)], heardMs: 1000, errorMs: 1 };
  const m2 = { from: 'm2', looks: [holds(false, 10)], heardMs: 1000, errorMs: 1 };
  const sampler = sampleCluster({
    access: { servers: ['https://127.0.0.1:1', `https://127.0.0.1:${port}`], ca: cert, cert, key: new Secret(key) },
    agents: [m1, m2],
    signal: AbortSignal.timeout(25_000),
  });
  const kinds = () => sampler.events.map(({ kind }) => kind);
  while (!['node', 'leader', 'vip'].every((kind) => kinds().some((one) => one === kind))) await delay(10);
  m2.looks.push(holds(true, 3000));
  m2.heardMs = 4000;
  const events = await sampler.stop();
  server.closeAllConnections();
  server.close();
  expect(asked).toContain('/api/v1/nodes?resourceVersion=0');
  expect(events.filter(({ kind }) => kind === 'vip')).toEqual([
    { kind: 'vip', atMs: 10, owner: 'm1' },
    { kind: 'vip', atMs: 3000, owner: 'm2' },
  ]);
  expect(events.filter(({ kind }) => kind === 'node')).toMatchObject([{ node: 'm1', condition: 'Ready', status: 'True' }]);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'leader', of: 'kube-scheduler', holder: 'm1' }));
});
