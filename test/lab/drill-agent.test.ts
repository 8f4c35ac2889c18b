/** A drill's agent on a real machine: over SSH, under systemd, with the operator gone for a while. No Kubernetes. */

import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { careExecutable } from '../../src/bundle/care-executable.ts';
import { openConnections } from '../../src/connection/open-connections.ts';
import type { AgentInput, AgentProgram } from '../../src/drill/agent/agent.ts';
import { startAgent } from '../../src/drill/agent/start-agent.ts';
import { monotonicMs } from '../../src/drill/probes/monotonic.ts';
import { timeOf } from '../../src/drill/recording/recording.ts';
import { labDirectories } from '../../src/lab/lab-directories.ts';
import { labDown } from '../../src/lab/lab-down.ts';
import { machineId, namespacePath } from '../../src/lab/lab-names.ts';
import { labUp } from '../../src/lab/lab-up.ts';
import { labSwitchNamespace } from '../../src/lab/run-in-lab.ts';
import { runLocal } from '../../src/local/run-local.ts';
import type { Host } from '../../src/model/host.ts';
import { emit, until } from './on-lab.ts';

const lab = `agent${process.pid}`;
const vip = '192.0.2.100';
const connections = openConnections({ environment: process.env, prefix: ['nsenter', `--net=${labSwitchNamespace(lab)}`] });
const tunnels = new Set<Duplex>();
let cut = false;
let host: Host;
let program: AgentProgram;

beforeAll(async () => {
  const [made, executable] = await Promise.all([
    labUp({ name: lab, shape: { masters: 1, workers: 0, etcd: 0, lb: 0 }, emit }),
    careExecutable({ emit }),
  ]);
  const address = made.lab.machines[0]?.address ?? '';
  const { key, knownHosts } = labDirectories(lab);
  const ssh = { user: 'root', port: 22, keyFile: key, password: undefined, knownHosts };
  const names = { name: 'm1', address, internalAddress: address, interface: undefined };
  host = { ...names, roles: ['master'], ssh, labels: {}, taints: [] };
  program = executable;
});

afterAll(async () => {
  await connections.closeAll();
  await labDown(lab, { emit });
});

async function onHost(...argv: readonly string[]): Promise<string> {
  return (await (await connections.connect(host)).run(argv)).stdout.trim();
}

/** Nobody listens on the port that it probes: attempts that fail are events too. */
function input(id: string, changes: Partial<AgentInput> = {}): AgentInput {
  return {
    host,
    connect: connections.connect,
    async tunnel(of, target, signal) {
      if (cut) throw new Error('cut off by the test');
      const stream = await connections.tunnel(of, target, signal);
      tunnels.add(stream);
      return stream;
    },
    program,
    id,
    probes: {
      from: 'm1',
      api: { endpoints: [{ address: '127.0.0.1', port: 1 }], ca: '', cert: '', key: '' },
      probes: ['application'],
      applicationUrl: 'http://127.0.0.1:1/',
      everyMs: 50,
      timeoutMs: 1000,
      maximumSeconds: 60,
      namespace: 'default',
      run: 'r1',
    },
    samples: { vip },
    maximumSeconds: 60,
    signal: AbortSignal.timeout(60_000),
    ...changes,
  };
}

test('startAgent: goes on while the operator is cut off, and tells times to 5 ms although the machine’s clock is hours off', async () => {
  const agent = await startAgent(input('one', { skewMs: 3 * 3_600_000 }));
  await until('attempts come', 20, async () => agent.events.length > 10);
  cut = true;
  for (const tunnel of tunnels) tunnel.destroy();
  const events = agent.events.length;
  const beforeMs = monotonicMs();
  // Minimal machines have no ip.
  const added = await runLocal([
    'nsenter',
    `--net=${namespacePath(machineId(lab, 'm1'))}`,
    'ip',
    'address',
    'add',
    `${vip}/32`,
    'dev',
    'lo',
  ]);
  expect(added).toMatchObject({ code: 0 });
  const afterMs = monotonicMs();
  await delay(2500);
  expect(agent.events.length).toBe(events);
  cut = false;
  await until('the address was seen', 20, async () => agent.looks.some((look) => look.kind === 'holds' && look.holds));
  expect(await onHost('ls', '-A', '/run/trivet-drill/one')).toBe('port');
  expect(await onHost('stat', '-c', '%a', '/run/trivet-drill/one')).toBe('700');
  expect(await onHost('systemctl', 'show', '--property=RuntimeMaxUSec', '--value', 'trivet-drill-agent-one')).toBe('2min');
  const stat = await onHost(
    'sh',
    '-c',
    'p=$(systemctl show --property=MainPID --value trivet-drill-agent-one); grep VmHWM /proc/$p/status',
  );
  console.log(`the agent: ${stat}; its clock is known to ${agent.errorMs.toFixed(2)} ms`);
  const end = await agent.stop();
  expect(end.missing).toBeUndefined();
  expect(end.errorMs).toBeLessThan(5);
  const seen = agent.looks.findLast((look) => look.kind === 'holds');
  expect(seen).toMatchObject({ holds: true });
  expect(seen?.atMs).toBeGreaterThan(beforeMs - end.errorMs);
  expect(seen?.atMs).toBeLessThan(afterMs + 60 + end.errorMs);
  const attempts = end.events.flatMap((event) => (event.kind === 'probe' && event.probe === 'application' ? [timeOf(event)] : []));
  const gaps = attempts.slice(1).map((ms, index) => ms - (attempts[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(1000);
  expect(await onHost('systemctl', 'is-active', 'trivet-drill-agent-one')).toBe('inactive');
  expect(await onHost('sh', '-c', 'ls -A /run/trivet-drill 2> /dev/null; ls -A /opt/trivet/drill')).toBe(
    `trivet-${program.sha256.slice(0, 12)}`,
  );
});

test('startAgent: an agent that was killed is told by stop(), with what was heard of it', { timeout: 60_000 }, async () => {
  const agent = await startAgent(input('two'));
  await until('attempts come', 20, async () => agent.events.length > 10);
  await onHost('systemctl', 'kill', '--signal=KILL', 'trivet-drill-agent-two');
  const end = await agent.stop();
  expect(end.events.length).toBeGreaterThan(10);
  expect(end.missing).toContain('its process is gone');
  expect(await onHost('sh', '-c', 'ls -A /run/trivet-drill 2> /dev/null; true')).toBe('');
});

test('startAgent: a program that does not start there is a clear word, and nothing is left', async () => {
  const bad = startAgent(input('three', { maximumSeconds: 9999 }));
  await expect(bad).rejects.toMatchObject({ code: 'DRILL_AGENT', host: 'm1' });
  expect(await onHost('sh', '-c', 'ls -A /run/trivet-drill 2> /dev/null; systemctl list-units --all --no-legend "trivet-drill-*"')).toBe(
    '',
  );
});
