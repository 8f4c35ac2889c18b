/** care as it runs on a node, against everything that can happen to its backends and to itself: its own executable, unit and status. */

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CareBackend, startBackend } from '../../bench/parts/care-backend.ts';
import { addressOf, allUp, type CareDaemon, careFlags, type DaemonInput, startDaemon, summary } from '../../bench/parts/care-daemon.ts';
import { type HeldConnections, holdConnections } from '../../bench/parts/care-held.ts';
import { type CareLab, careMasters, careNode, careVip, httpsPort, openCareLab } from '../../bench/parts/care-lab.ts';
import { probeVip } from '../../bench/parts/care-probes.ts';
import { onMachine } from '../../bench/parts/on-machine.ts';
import type { CareStatus } from '../../src/care/status.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import { quote } from '../../src/model/quote.ts';
import { emit, onMachine as tryOnMachine } from './on-lab.ts';
import { askNew, endsOf, machineState, timeOne } from './parts/care-clients.ts';

/** The box may be busy with other things: what is asserted is what happens, not how fast; bench/care.ts measures that. */
const patience = 40;
const name = process.env.TRIVET_TEST_CARE_LAB ?? 'caretest';
const [m1, m2, m3] = careMasters;

let care: CareLab;
let before: string;

beforeAll(async () => {
  care = await openCareLab({ name, idle: process.env.TRIVET_TEST_IDLE !== undefined, emit });
  before = await machineState(care);
});

afterAll(async () => {
  await care?.close();
});

describe.each(['nft', 'proxy'] as const)('trivet care --backend %s', (dataplane) => {
  let daemon: CareDaemon;
  let held: HeldConnections;

  beforeAll(async () => {
    daemon = await startDaemon(care, { dataplane });
  });

  afterAll(async () => {
    await held?.close();
    await daemon?.stop();
  });

  test('all backends are UP, new connections go to each in turn, and some are held open', async () => {
    const status = await daemon.until('all UP', patience, allUp);
    expect(status).toMatchObject({ table: 'serve', dataplane: { kind: dataplane }, discovery: { kind: 'off' } });
    expect(new Set(await askNew(care, 6))).toEqual(new Set(careMasters));
    held = holdConnections(name, careNode, heldPlan());
    await everyoneHeld();
  });

  test('a killed backend: DOWN, the others get all, its clients are with the others; it comes back', async () => {
    const killedMs = care.backend(m2).signal('SIGKILL');
    await stateOf(m2, 'DOWN');
    expect(new Set(await askNew(care, 6))).toEqual(new Set([m1, m3]));
    await everyoneHeld(m1, m3);
    expect(endsOf(held, m2, killedMs)).not.toEqual([]);
    await care.restart(m2);
    await daemon.until('all UP again', patience, allUp);
    expect(new Set(await askNew(care, 6))).toEqual(new Set(careMasters));
  });

  test('a frozen backend, which still takes connections: DOWN, its clients are cut; thawed it comes back', async () => {
    await rehold();
    const frozenMs = care.backend(m1).signal('SIGSTOP');
    await stateOf(m1, 'DOWN');
    await everyoneHeld(m2, m3);
    expect(new Set(endsOf(held, m1, frozenMs))).toEqual(new Set([dataplane === 'nft' ? 'ECONNABORTED' : 'ECONNRESET']));
    expect(new Set(await askNew(care, 6))).toEqual(new Set([m2, m3]));
    care.backend(m1).signal('SIGCONT');
    await daemon.until('all UP again', patience, allUp);
  });

  test('a backend that is cut off from the network: the same', async () => {
    await rehold();
    const sinceMs = monotonicMs();
    await care.cutOff(m3);
    await stateOf(m3, 'DOWN');
    await everyoneHeld(m1, m2);
    expect(new Set(endsOf(held, m3, sinceMs))).toEqual(new Set([dataplane === 'nft' ? 'ECONNABORTED' : 'ECONNRESET']));
    expect(new Set(await askNew(care, 6))).toEqual(new Set([m1, m2]));
    await care.plugIn(m3);
    await daemon.until('all UP again', patience, allUp);
  });

  test.each([401, 403])('a backend that answers %i lives: it stays UP', async (readyz) => {
    await behave(m2, readyz);
    await askedAgain(m2, 3);
    expect(await stateNow(m2)).toMatchObject({ state: 'UP', weight: 1 });
    await behave(m2, 200);
  });

  test('a backend that answers 500: DRAIN, no new connection, what is established lives on', async () => {
    await rehold();
    const sinceMs = monotonicMs();
    await behave(m2, 500);
    expect(await stateOf(m2, 'DRAIN')).toMatchObject({ weight: 0 });
    expect(await askNew(care, 12)).not.toContain(m2);
    await delay(2000);
    expect(await stateNow(m2)).toMatchObject({ state: 'DRAIN', weight: 0 });
    expect(endsOf(held, m2, sinceMs)).toEqual([]);
    expect([...held.open().values()]).toContain(m2);
    await behave(m2, 200);
    await daemon.until('all UP again', patience, allUp);
  });

  test('a slow backend stays UP; one that answers nothing in time gets no new connection and is not cut', async () => {
    const sinceMs = monotonicMs();
    await behave(m1, 200, 300);
    await askedAgain(m1, 3);
    expect(await stateNow(m1)).toMatchObject({ state: 'UP', weight: 1 });
    await behave(m1, 200, 5000);
    expect(await stateOf(m1, 'SUSPECT')).toMatchObject({ weight: 0 });
    expect(await askNew(care, 6)).not.toContain(m1);
    expect(endsOf(held, m1, sinceMs)).toEqual([]);
    await behave(m1, 200);
    await daemon.until('all UP again', patience, allUp);
  });

  test('a backend that shuts down as an apiserver does: not one request is lost', async () => {
    const probes = probeVip(care, 3000);
    await delay(1000);
    await care.backend(m3).tell({ do: 'shutdown', afterMs: 4000 });
    await stateOf(m3, 'DRAIN');
    await care.backend(m3).ended;
    await stateOf(m3, 'DOWN');
    await delay(500);
    const events = (await probes.stop()).filter(({ probe }) => probe === 'new connections');
    expect(events.length).toBeGreaterThan(50);
    expect(events.filter(({ ok }) => !ok)).toEqual([]);
    await care.restart(m3);
    await daemon.until('all UP again', patience, allUp);
  });

  test('one packet of a hundred lost, and the daemon stopped for 2 s: nobody is taken for dead', async () => {
    const sinceMs = monotonicMs();
    const loss = (hook: string) =>
      `add chain inet loss ${hook} { type filter hook ${hook} priority -400; }; add rule inet loss ${hook} numgen random mod 1000 < 10 drop`;
    await onMachine(care.lab, careNode, `nft 'add table inet loss; ${loss('input')}; ${loss('output')}'`);
    await delay(5000);
    const pid = await daemon.pid();
    process.kill(pid, 'SIGSTOP');
    if (dataplane === 'nft') expect(new Set(await askNew(care, 3))).toEqual(new Set(careMasters));
    await delay(2000);
    process.kill(pid, 'SIGCONT');
    await delay(3000);
    await onMachine(care.lab, careNode, 'nft delete table inet loss');
    expect((await daemon.log(sinceMs)).filter(({ to }) => to === 'DOWN')).toEqual([]);
    await daemon.until('all UP', patience, allUp);
  });

  test('killed with -9: the rules go on working; it is started again and finds them', async () => {
    const earlier = await daemon.status();
    process.kill(await daemon.pid(), 'SIGKILL');
    // The proxy carries connections itself: it must be there again first.
    if (dataplane === 'nft') expect(new Set(await askNew(care, 3))).toEqual(new Set(careMasters));
    const later = await daemon.until('another daemon', patience, (status) => status.pid !== earlier.pid && allUp(status));
    expect(later.table).toBe('serve');
    expect(new Set(await askNew(care, 6))).toEqual(new Set(careMasters));
  });

  test('all backends gone: refused at once, not left waiting; back: served again', async () => {
    for (const machine of careMasters) care.backend(machine).signal('SIGKILL');
    await daemon.until('reject', patience, (status) => status.table === 'reject');
    const refused = await timeOne(care);
    expect([7, 35, 56]).toContain(refused.status);
    expect(refused.seconds).toBeLessThan(2);
    for (const machine of careMasters) await care.restart(machine);
    await daemon.until('all UP again', patience, allUp);
    expect(new Set(await askNew(care, 6))).toEqual(new Set(careMasters));
  });

  // The same whatever carries the connections, and long.
  const once = dataplane === 'nft' ? test : () => undefined;
  once('a flapping backend is held down though it answers', async () => {
    for (let times = 0; times < 3; times++) {
      care.backend(m1).signal('SIGKILL');
      await stateOf(m1, 'DOWN');
      await care.restart(m1);
      if (times < 2) await daemon.until('UP between', patience, (status) => backendIn(status, m1).state !== 'DOWN');
    }
    const heldDown = await daemon.until('held down', patience, (status) => /held down/.test(backendIn(status, m1).why));
    expect(backendIn(heldDown, m1)).toMatchObject({ state: 'SUSPECT', weight: 0 });
    await daemon.until('all UP in the end', 90, allUp);
  });

  test('stopped and cleaned, the machine is as it was', async () => {
    await held.close();
    await daemon.stop();
    if (dataplane === 'nft') expect(await askNew(care, 1)).not.toEqual(['curl 7']);
    await onMachine(care.lab, careNode, `trivet care --clean --vs ${careVip}:${httpsPort}`);
    expect(await machineState(care)).toBe(before);
    await onMachine(care.lab, careNode, `trivet care --clean --vs ${careVip}:${httpsPort}`);
    expect(await machineState(care)).toBe(before);
  });

  const stateOf = async (machine: string, state: string) =>
    backendIn(await daemon.until(`${machine} ${state}`, patience, (status) => isSettled(status, machine, state)), machine);
  const stateNow = async (machine: string) => backendIn(await daemon.status(), machine);
  const heldPlan = () => ({ host: careVip, port: httpsPort, count: 9, ca: care.certificates.ca, idle: true });
  const everyoneHeld = (...machines: readonly string[]) =>
    waitUntil(`nine connections held ${machines.join(' ')}`, () => {
      const backends = [...held.open().values()];
      return backends.length === 9 && (machines.length === 0 || backends.every((backend) => machines.includes(backend)));
    });
  /** Spread over all backends. */
  const rehold = async () => {
    await held.close();
    held = holdConnections(name, careNode, heldPlan());
    await everyoneHeld();
    expect(new Set(held.open().values())).toEqual(new Set(careMasters));
  };
});

describe('trivet care, before and beside the daemon', () => {
  test('--run-once puts the rules in place and ends; --clean takes them away', async () => {
    await onMachine(care.lab, careNode, quote(['trivet', 'care', ...careFlags(care, { dataplane: 'nft' }), '--run-once']));
    expect(new Set(await askNew(care, 6))).toEqual(new Set(careMasters));
    await onMachine(care.lab, careNode, `trivet care -C --vs ${careVip}:${httpsPort}`);
    expect(await machineState(care)).toBe(before);
  });

  test('--run-once when nobody serves says so', async () => {
    const flags = careFlags(care, { dataplane: 'nft', flags: { rs: '192.0.2.99:6443' } });
    const { code, stderr } = await tryOnMachine(name, careNode, quote(['trivet', 'care', ...flags, '--run-once']));
    expect({ code: code > 0, stderr }).toEqual({ code: true, stderr: expect.stringContaining('no backend of 10.103.97.2:6443 serves') });
    await onMachine(care.lab, careNode, `trivet care -C --vs ${careVip}:${httpsPort}`);
  });

  test('200 backends are looked at without eating the machine', async () => {
    const ports = Array.from({ length: 200 }, (_, index) => 20_000 + index);
    const { key, cert } = care.certificates;
    const ip = addressOf(care, m1);
    const many = await startBackend(name, m1, { name: 'many', ip, ports, plainPorts: [], key, cert, idle: true });
    await withDaemon({ dataplane: 'nft', flags: { rs: ports.map((port) => `${ip}:${port}`).join(',') } }, async (daemon) => {
      await daemon.until('200 UP', 90, allUp);
      expect(await askNew(care, 2)).toEqual(['many', 'many']);
      const pid = await daemon.pid();
      const [from, to] = [await cpuSeconds(pid), await delay(5000).then(() => cpuSeconds(pid))];
      const rss = Number(/^VmRSS:\s*(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
      process.stderr.write(`200 backends: ${((to - from) * 20).toFixed(0)} % of a core, ${rss.toFixed(0)} MB\n`);
      expect((to - from) / 5).toBeLessThan(0.8);
      expect(rss).toBeLessThan(200);
    });
    await many.close();
    await onMachine(care.lab, careNode, `trivet care -C --vs ${careVip}:${httpsPort}`);
  });
});

describe('trivet care, given what is wrong', () => {
  const runs = async (flags: Readonly<Record<string, string | readonly string[]>>, enter = '') => {
    const command = `${enter} timeout 20 ${quote(['trivet', 'care', ...careFlags(care, { dataplane: 'nft', flags })])}`;
    const { code, stderr } = await tryOnMachine(name, careNode, command);
    return { code, stderr };
  };

  test('without the right to change the network', async () => {
    const flags = { socket: '/tmp/nobody-care.sock', 'state-directory': '/tmp/nobody-care' };
    expect(await runs(flags, 'runuser -u nobody --')).toEqual({ code: 1, stderr: expect.stringContaining('NET_ADMIN') });
  });

  test('a virtual server that is the machine’s own address', async () => {
    expect(await runs({ vs: `${addressOf(care, careNode)}:6443` })).toEqual({
      code: 1,
      stderr: expect.stringMatching(/CARE_DATAPLANE.*own address, on eth0/s),
    });
  });

  test('an address that is none, with all of it named at once', async () => {
    const { code, stderr } = await runs({ vs: '10.103.97:6443', rs: ['192.0.2.11', 'master:6443'] });
    expect(code).toBe(2);
    for (const word of ['10.103.97:6443', '192.0.2.11', 'master:6443']) expect(stderr).toContain(word);
  });

  test('nothing of it changed the machine', async () => {
    expect(await machineState(care)).toBe(before);
  });

  test('proxy: a port in use is told, and taken as soon as it is free', async () => {
    const own = addressOf(care, careNode);
    const { key, cert } = care.certificates;
    const squatter: CareBackend = await startBackend(name, careNode, {
      name: 'w1',
      ip: own,
      ports: [httpsPort],
      plainPorts: [],
      key,
      cert,
      idle: true,
    });
    await withDaemon({ dataplane: 'proxy', flags: { vs: `${own}:${httpsPort}` } }, async (daemon) => {
      const status = await daemon.until('trouble', patience, ({ applies }) => applies.trouble !== null);
      expect(status.applies.trouble).toContain('in use');
      await squatter.close();
      await daemon.until('no trouble', patience, (now) => now.applies.trouble === null && allUp(now));
      expect(new Set(await askNew(care, 3, { vip: own }))).toEqual(new Set(careMasters));
    });
  });

  test('a CA that none of them has: said for each, and the table is not emptied', async () => {
    await withDaemon({ dataplane: 'nft', flags: { 'ca-file': '/etc/care-lab/other-ca.pem' } }, async (daemon) => {
      const status = await daemon.until(
        'untrusted',
        patience,
        ({ table, backends }) => table === 'serve' && backends.every(({ trouble }) => trouble === 'untrusted'),
      );
      expect(status.backends.map(({ state }) => state)).toEqual(['SUSPECT', 'SUSPECT', 'SUSPECT']);
      expect(status.backends[0]?.why).toContain('not of this CA');
      expect(new Set(await askNew(care, 6))).toEqual(new Set(careMasters));
    });
  });

  test('a backend that speaks something else never gets a connection', async () => {
    await onMachine(care.lab, m2, 'ss -Hltn sport = 22 | grep -q .');
    await withDaemon(
      {
        dataplane: 'nft',
        flags: { rs: [`${addressOf(care, m1)}:6443`, `${addressOf(care, m2)}:22`] },
      },
      async (daemon) => {
        await daemon.until('one UP', patience, ({ backends }) => backends[0]?.state === 'UP' && backends[0].weight === 1);
        await delay(2000);
        const status = await daemon.status();
        expect({ state: status.backends[1]?.state, weight: status.backends[1]?.weight ?? 0 }, summary(status)).not.toMatchObject({
          state: 'UP',
        });
        expect(await askNew(care, 4)).toEqual([m1, m1, m1, m1]);
      },
    );
  });

  const stateFile = `/var/lib/trivet-care/members-${careVip}-${httpsPort}.json`;
  const discovering = { rs: '192.0.2.11:6443', kubeconfig: '/etc/care-lab/kubeconfig' };

  test('a stale list of members: known ones are used, one that is no more is DOWN', async () => {
    const members = ['192.0.2.12:6443', '192.0.2.99:6443'];
    const text = JSON.stringify({
      kind: 'trivet-care-members',
      version: 1,
      service: `${careVip}:6443`,
      savedAt: '2020-01-01T00:00:00.000Z',
      members,
    });
    await onMachine(care.lab, careNode, `mkdir -p /var/lib/trivet-care; cat > ${stateFile}`, text);
    await withDaemon({ dataplane: 'nft', flags: discovering }, async (daemon) => {
      const status = await daemon.until('two UP', patience, ({ backends }) => states(backends) === 'UP UP DOWN');
      expect(status.discovery).toMatchObject({ kind: 'waiting' });
      expect(new Set(await askNew(care, 4))).toEqual(new Set([m1, m2]));
    });
  });

  test.each([
    ['rubbish', `head -c 4096 /dev/urandom > ${stateFile}`],
    ['a directory', `rm -f ${stateFile}; mkdir ${stateFile}`],
  ])('a state file that is %s: --rs is served, the file is kept aside', async (_, make) => {
    await onMachine(care.lab, careNode, `mkdir -p /var/lib/trivet-care; ${make}`);
    await withDaemon({ dataplane: 'nft', flags: discovering }, async (daemon) => {
      await daemon.until('UP', patience, allUp);
      expect(await askNew(care, 2)).toEqual([m1, m1]);
      expect((await daemon.log()).map(({ message }) => message).join()).toContain('are not used');
    });
    await onMachine(care.lab, careNode, 'ls -d /var/lib/trivet-care/*.unreadable-*; rm -rf /var/lib/trivet-care/*');
  });

  test('an API that answers rubbish to the question for members: said, and --rs stays', async () => {
    const { ca } = care.certificates;
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'c', cluster: { server: 'https://192.0.2.11:6443', 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
      ],
      users: [{ name: 'u', user: { token: 'none' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    await onMachine(care.lab, careNode, 'cat > /etc/care-lab/kubeconfig', JSON.stringify(kubeconfig, null, 2));
    await withDaemon({ dataplane: 'nft', flags: discovering }, async (daemon) => {
      const status = await daemon.until('failing', patience, (now) => now.discovery.kind === 'failing' && allUp(now));
      process.stderr.write(`${JSON.stringify(status.discovery)}\n`);
      expect(status.backends.map(({ address }) => address)).toEqual(['192.0.2.11:6443']);
      expect(await askNew(care, 2)).toEqual([m1, m1]);
    });
  });

  test('cleaned after all of it, the machine is as it was', async () => {
    for (const vip of [careVip, addressOf(care, careNode)])
      await onMachine(care.lab, careNode, `trivet care --clean --vs ${vip}:${httpsPort}`);
    expect(await machineState(care)).toBe(before);
  });
});

/** Stopped afterwards, whatever comes of it. */
async function withDaemon(input: DaemonInput, work: (daemon: CareDaemon) => Promise<void>): Promise<void> {
  const daemon = await startDaemon(care, input);
  try {
    await work(daemon);
  } finally {
    await daemon.stop();
  }
}

function backendIn({ backends }: CareStatus, machine: string): CareStatus['backends'][number] {
  const found = backends.find(({ address }) => address === `${addressOf(care, machine)}:${httpsPort}`);
  if (found === undefined) throw new Error(`${machine} is not among the backends`);
  return found;
}

/** In that state, and the data plane knows it. */
function isSettled(status: CareStatus, machine: string, state: string): boolean {
  const backend = backendIn(status, machine);
  return backend.state === state && (state === 'UP' ? backend.weight === 1 : (backend.weight ?? 0) === 0);
}

function states(backends: CareStatus['backends']): string {
  return backends.map(({ state }) => state).join(' ');
}

async function behave(machine: string, readyz: number, delayMs = 0): Promise<void> {
  await care.backend(machine).tell({ do: 'behave', readyz, delayMs });
}

/** Until the backend was asked so many times more. */
async function askedAgain(machine: string, times: number): Promise<void> {
  const asked = async () => Number(JSON.stringify(await care.backend(machine).tell({ do: 'counts' })).match(/"readyz":(\d+)/)?.[1]);
  const first = await asked();
  await waitUntil(`${machine} asked ${times} times`, async () => (await asked()) >= first + times);
}

async function waitUntil(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadlineMs = performance.now() + patience * 1000; performance.now() < deadlineMs; ) {
    if (await holds()) return;
    await delay(50);
  }
  throw new Error(`${what}: not within ${patience} s`);
}

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
