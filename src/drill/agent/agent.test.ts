import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../local/package-root.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import type { AgentPlan } from './agent-plan.ts';
import { type Following, followAgent } from './follow-agent.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trivet-agent-'));
const certificate = { key: '', cert: '' };
const cleanUp: (() => unknown)[] = [];

beforeAll(() => {
  const [key, cert] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')];
  const argv = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 1 -subj /CN=etcd -addext subjectAltName=IP:127.0.0.1`;
  execFileSync('openssl', argv.split(' '), { stdio: 'ignore' });
  Object.assign(certificate, { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
});
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one();
});
afterAll(() => rmSync(scratch, { recursive: true }));

const token = 'a-token-of-the-test';

/** A process as it runs on machines; its port. */
async function startProcess(
  plan: Partial<AgentPlan>,
): Promise<{ readonly port: number; readonly child: ChildProcess; readonly ended: Promise<unknown> }> {
  const directory = mkdtempSync(join(scratch, 'run-'));
  const whole: AgentPlan = { from: 'm1', token, samples: {}, maximumSeconds: 30, ...plan };
  writeFileSync(join(directory, 'plan.json'), JSON.stringify(whole));
  const argv = [join(packageRoot(), 'src/cli/main.ts'), 'drill-agent', '--directory', directory];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(child, 'close');
  cleanUp.push(() => child.kill('SIGKILL'));
  while (!existsSync(join(directory, 'port'))) await delay(20);
  expect(existsSync(join(directory, 'plan.json'))).toBe(false);
  return { port: Number(readFileSync(join(directory, 'port'), 'utf8')), child, ended };
}

function follow(port: number, open?: () => Promise<Socket>): Following {
  const following = followAgent({ token, open: open ?? (async () => connect(port, '127.0.0.1')) });
  cleanUp.push(() => following.close());
  return following;
}

function attempts({ events }: Following): readonly unknown[] {
  return events.filter((event) => event.kind === 'probe' && event.probe === 'new connections');
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await delay(10);
}

function portOf(listening: { address(): unknown }): number {
  const address = listening.address();
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;
}

/** `served` tells the time of each request, by this process's clock. */
async function probesOf(served: (ms: number) => void = () => undefined): Promise<NonNullable<AgentPlan['probes']>> {
  const server = createHttpsServer({ ...certificate, requestCert: true, rejectUnauthorized: false }, (_request, response) => {
    served(monotonicMs());
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return {
    from: 'm1',
    api: { endpoints: [{ address: '127.0.0.1', port: portOf(server) }], ca: certificate.cert, ...certificate },
    probes: ['new connections'],
    everyMs: 50,
    timeoutMs: 1000,
    maximumSeconds: 30,
    namespace: 'default',
    run: 'r1',
  };
}

describe('the agent and followAgent', { timeout: 60_000 }, () => {
  it('events come on this process’s clock, as exactly as it says, whatever the machine’s shows', async () => {
    const hours = 5 * 3_600_000 + 123.456;
    const served: number[] = [];
    const probes = await probesOf((ms) => served.push(ms));
    const { port, ended } = await startProcess({ skewMs: -hours, samples: { vip: '127.0.0.1' }, probes });
    const following = follow(port);
    await until(() => attempts(following).length >= 20);
    expect(following.looks).toMatchObject([{ kind: 'holds', holds: true }]);
    await following.finish();
    const { events, errorMs, dropped } = following.close();
    expect(dropped).toBe(0);
    // Seconds at the very worst: what is five hours off is off by more.
    expect(errorMs).toBeLessThan(5000);
    const answered = events.filter((event) => event.kind === 'probe' && event.ok);
    expect(answered.length).toBeGreaterThan(10);
    for (const event of answered) {
      if (event.kind !== 'probe') continue;
      expect(served.some((ms) => event.startedMs - errorMs <= ms && ms <= event.endedMs + errorMs)).toBe(true);
    }
    await ended;
  });

  it('after a lost connection the operator goes on from where it was', async () => {
    let served = 0;
    const { port } = await startProcess({
      probes: await probesOf(() => {
        served += 1;
      }),
    });
    const sockets: Socket[] = [];
    const following = follow(port, async () => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      return socket;
    });
    await until(() => attempts(following).length >= 5);
    sockets[0]?.destroy();
    const had = attempts(following).length;
    await until(() => sockets.length === 2 && attempts(following).length > had + 10);
    await following.finish();
    const { events, dropped } = following.close();
    const starts = events.flatMap((event) => (event.kind === 'probe' && event.probe !== 'own delay' ? [event.startedMs] : []));
    // Each attempt once, those of the time without a connection too.
    expect(new Set(starts).size).toBe(starts.length);
    expect(starts.length).toBeGreaterThanOrEqual(served);
    expect(dropped).toBe(0);
  });

  it('whoever does not know the token hears nothing', async () => {
    const { port } = await startProcess({ samples: { vip: '127.0.0.1' } });
    for (const said of ['wrong\n', '\n', `${token}x\n`]) {
      const socket = connect(port, '127.0.0.1');
      let heard = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        heard += text;
      });
      socket.on('error', () => undefined);
      socket.write(`${said}{"ask":"events","from":0}\n`);
      await once(socket, 'close');
      expect(heard).toBe('');
    }
  });

  it('ends by itself after its time, and what it saw is there for the operator who comes late', async () => {
    const { port, ended } = await startProcess({ maximumSeconds: 0.3, samples: { vip: '192.0.2.1' } });
    await delay(600);
    const following = follow(port);
    await following.finish();
    expect(following.close().looks).toMatchObject([{ kind: 'holds', holds: false }]);
    await ended;
  });

  it('stops when it has not heard of its operator for long, and not before; what it saw is still there', async () => {
    const { port, child } = await startProcess({ aloneSeconds: 1.2, samples: { vip: '192.0.2.1' } });
    const told = async (waitMs: number) => {
      const socket = connect(port, '127.0.0.1');
      let heard = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        heard += text;
      });
      socket.write(`${token}\n{"ask":"events","from":0}\n`);
      await delay(waitMs);
      socket.destroy();
      return heard;
    };
    const following = follow(port);
    await delay(2500);
    expect(await told(200)).not.toContain('"end"');
    following.close();
    let heard = '';
    // To look is to be heard of: not too often. A busy box adds own delays, and takes its time.
    for (let tries = 0; tries < 5 && !heard.includes('"end"'); tries += 1) {
      await delay(2500);
      heard = await told(500);
    }
    expect(heard).toMatch(/"holds":false[\s\S]*"end":\d+/);
    expect(child.exitCode).toBeNull();
  });

  it('samples: etcd’s member by name, and what haproxy thinks, only changes', async () => {
    let leader = '22';
    const etcd = createHttpsServer({ ...certificate, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const members = [
        { ID: '11', name: 'm1' },
        { ID: '22', name: 'm2' },
      ];
      const status = { header: { member_id: '11', raft_term: '7' }, leader, raftTerm: leader === '11' ? '8' : '7' };
      request.resume();
      response.end(JSON.stringify(request.url === '/v3/cluster/member/list' ? { members } : status));
    });
    etcd.listen(0, '127.0.0.1');
    await once(etcd, 'listening');
    cleanUp.push(
      () => etcd.closeAllConnections(),
      () => etcd.close(),
    );
    let state = 'UP';
    const haproxySocket = join(scratch, 'haproxy.sock');
    const haproxy = createServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', () =>
        socket.end(
          `# pxname,svname,status,lastchg,check_status,check_code\napiservers,m1,${state},5,L7OK,200\napiservers,m2,UP,5,L4TOUT,0\n`,
        ),
      );
    });
    haproxy.listen(haproxySocket);
    await once(haproxy, 'listening');
    cleanUp.push(() => haproxy.close());
    const [caFile, keyFile] = [join(scratch, 'cert.pem'), join(scratch, 'key.pem')];
    const { port } = await startProcess({
      samples: { etcd: { url: `https://127.0.0.1:${portOf(etcd)}`, caFile, certFile: caFile, keyFile }, haproxySocket },
    });
    const following = follow(port);
    await until(() => following.looks.length === 1 && following.events.filter(({ kind }) => kind === 'backend').length === 2);
    leader = '11';
    state = 'DOWN';
    await until(() => following.looks.length === 2 && following.events.filter(({ kind }) => kind === 'backend').length === 3);
    leader = '0';
    await until(() => following.events.filter(({ kind }) => kind === 'member').length === 2);
    expect(following.events.filter(({ kind }) => kind !== 'probe').map(({ ...event }) => ({ ...event, atMs: 0 }))).toEqual(
      expect.arrayContaining([
        { kind: 'member', atMs: 0, member: 'm1', state: 'healthy' },
        { kind: 'member', atMs: 0, member: 'm1', state: 'unhealthy' },
        { kind: 'backend', atMs: 0, on: 'm1', backend: 'm1', state: 'UP' },
        { kind: 'backend', atMs: 0, on: 'm1', backend: 'm2', state: 'SUSPECT' },
        { kind: 'backend', atMs: 0, on: 'm1', backend: 'm1', state: 'DOWN' },
      ]),
    );
    expect(following.looks.slice(0, 2)).toMatchObject([
      { kind: 'etcd', member: 'm1', leader: 'm2', term: 7, answers: true },
      { kind: 'etcd', member: 'm1', leader: 'm1', term: 8, answers: true },
    ]);
  });
});
