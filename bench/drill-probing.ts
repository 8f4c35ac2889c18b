/**
 * What a drill's clients cost: 20 attempts a second from 4 places (outside, w1, m1, m2), with whole TLS handshakes and by ticket, and all
 * that a drill starts; and by how much they slow down others' requests. On the lab of that name, or on a new one.
 */

import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { careExecutable } from '../src/bundle/care-executable.ts';
import { openConnections } from '../src/connection/open-connections.ts';
import type { AgentProgram, RunningAgent } from '../src/drill/agent/agent.ts';
import { agentUnit } from '../src/drill/agent/agent-scripts.ts';
import { startAgent } from '../src/drill/agent/start-agent.ts';
import { monotonicMs } from '../src/drill/probes/monotonic.ts';
import type { ProbeKind, ProbePlan } from '../src/drill/probes/probe-plan.ts';
import { startProbes } from '../src/drill/probes/start-probes.ts';
import { type KubernetesAccess, readKubeconfig } from '../src/kubernetes/kubeconfig.ts';
import { labDirectories } from '../src/lab/lab-directories.ts';
import type { Lab } from '../src/lab/lab-file.ts';
import { labNetwork } from '../src/lab/lab-plan.ts';
import { enterLab, labSwitchNamespace } from '../src/lab/run-in-lab.ts';
import { packageRoot } from '../src/local/package-root.ts';
import type { Host } from '../src/model/host.ts';
import { labWithCluster, removeLab } from './parts/bench-lab.ts';
import { drillProbingTable, type ProbingMode } from './parts/drill-probing-result.ts';
import { median } from './parts/figures.ts';
import { interruptible } from './parts/interruptible.ts';
import { resultsDirectory, saveResult } from './parts/results.ts';
import { surroundings } from './parts/surroundings.ts';
import { trivetSucceeds } from './parts/timed-run.ts';
import { ensureWritesNamespace, writesNamespace } from './parts/written-back.ts';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'bench-probing' },
    bundle: { type: 'string' },
    windows: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '15' },
    keep: { type: 'boolean', default: false },
    results: { type: 'string', default: resultsDirectory },
    'limit-minutes': { type: 'string', default: '60' },
  },
});
const windowSeconds = Number(values.seconds);
/** After the probes' start and end. */
const settleMs = 3000;
const machines = ['w1', 'm1', 'm2'];
const answerSchema = z.object({ what: z.string(), atMs: z.number(), ms: z.number() });
const whole: readonly ProbeKind[] = ['new connections', 'linearizable reads', 'writes', 'reused connection', 'watch', 'counter'];
const modes = [
  { name: 'new connections, whole handshakes', goals: true, resume: false, outside: ['new connections'], inside: ['new connections'] },
  { name: 'new connections, by ticket', goals: true, resume: true, outside: ['new connections'], inside: ['new connections'] },
  {
    name: 'a whole drill, by ticket',
    goals: false,
    resume: true,
    outside: whole,
    inside: ['new connections', 'reused connection', 'watch'],
  },
] as const;
type Mode = (typeof modes)[number];

interface Bench {
  readonly lab: Lab;
  readonly access: KubernetesAccess;
  readonly program: AgentProgram;
  readonly connections: ReturnType<typeof openConnections>;
  readonly latencies: { readonly what: string; readonly atMs: number; readonly ms: number }[];
  readonly signal: AbortSignal;
}

await interruptible(Number(values['limit-minutes']), async (signal) => {
  const on = await surroundings();
  const program = await careExecutable({ signal });
  const benchLab = await labWithCluster({ name: values.name, bundle: values.bundle }, signal);
  const { lab } = benchLab;
  const connections = openConnections({ environment: process.env, prefix: ['nsenter', `--net=${labSwitchNamespace(lab.name)}`] });
  try {
    const access = readKubeconfig((await trivetSucceeds(['kubeconfig', '-f', benchLab.clusterFile], signal)).stdout);
    await ensureWritesNamespace(lab, 'm1');
    const measuring = measureLatency(lab, access);
    const bench = { lab, access, program, connections, latencies: measuring.latencies, signal };
    const results: ProbingMode[] = [];
    for (const mode of modes) results.push(await windowsOf(mode, bench));
    measuring.end();
    const result = { on, windowSeconds, modes: results };
    await saveResult('drill-probing', result, values.results);
    console.log(drillProbingTable(result));
  } finally {
    await connections.closeAll();
    await removeLab(benchLab, values.keep);
  }
});

async function windowsOf(mode: Mode, bench: Bench): Promise<ProbingMode> {
  const result: ProbingMode = { name: mode.name, goals: mode.goals, cpuPercent: [], without: [], probing: [] };
  for (let pair = 1; pair <= Number(values.windows); pair++) {
    result.without.push((await oneWindow(bench, async () => ({}))).latency);
    const clients = await startClients(mode, `p${pair}`, bench);
    try {
      const { latency, cpuPercent } = await oneWindow(bench, clients.cpuSeconds);
      result.probing.push(latency);
      result.cpuPercent.push(cpuPercent);
      console.error(`${mode.name}, ${pair}: ${JSON.stringify({ cpuPercent, without: result.without.at(-1), probing: latency })}`);
    } finally {
      await clients.stop();
    }
  }
  return result;
}

/** After the cluster and the probes have come to rest. */
async function oneWindow({ latencies, signal }: Bench, cpuSeconds: () => Promise<Readonly<Record<string, number>>>) {
  await delay(settleMs, undefined, { signal });
  const [before, startMs] = [await cpuSeconds(), monotonicMs()];
  await delay(windowSeconds * 1000, undefined, { signal });
  const [after, endMs] = [await cpuSeconds(), monotonicMs()];
  const percent = Object.entries(after).map(([place, used]) => [place, ((used - (before[place] ?? 0)) / ((endMs - startMs) / 1000)) * 100]);
  const of = (name: string) =>
    median(latencies.filter(({ what, atMs }) => what === name && atMs >= startMs && atMs <= endMs).map(({ ms }) => ms));
  const cpuPercent: Record<string, number> = Object.fromEntries(percent);
  return { cpuPercent, latency: { readyz: of('readyz'), list: of('list') } };
}

async function startClients(mode: Mode, id: string, { lab, access, program, connections, signal }: Bench) {
  const plan = planOf(mode, access);
  const outside = startProbes(plan('outside', mode.outside), enterLab(lab.name, []));
  const agents: (RunningAgent & { readonly host: Host })[] = await Promise.all(
    machines.map(async (name) => {
      const host = hostOf(lab, name);
      const etcdPki = '/etc/kubernetes/pki/etcd';
      const etcd = {
        url: 'https://127.0.0.1:2379',
        caFile: `${etcdPki}/ca.crt`,
        certFile: `${etcdPki}/server.crt`,
        keyFile: `${etcdPki}/server.key`,
      };
      const samples = name.startsWith('m') ? { vip: labNetwork.vip, etcd } : {};
      const { connect, tunnel } = connections;
      const agent = await startAgent({
        host,
        connect,
        tunnel,
        program,
        id,
        probes: plan(name, mode.inside),
        samples,
        maximumSeconds: 600,
        signal,
      });
      return Object.assign(agent, { host });
    }),
  );
  return {
    /** By place: since its process began. */
    async cpuSeconds() {
      const used = await Promise.all(
        agents.map(async ({ host }) => {
          const argv = ['sh', '-c', `cat "/proc/$(systemctl show --property=MainPID --value ${agentUnit(id)})/stat"`];
          return [host.name, ownSeconds((await (await connections.connect(host)).run(argv)).stdout)];
        }),
      );
      const all: Record<string, number> = Object.fromEntries(used);
      return { ...all, outside: await probesSeconds() };
    },
    async stop() {
      await Promise.allSettled([outside.stop(), ...agents.map((agent) => agent.stop())]);
    },
  };
}

function planOf({ resume }: Mode, access: KubernetesAccess): (from: string, probes: readonly ProbeKind[]) => ProbePlan {
  const endpoints = [{ address: labNetwork.vip, port: Number(new URL(access.servers[0] ?? '').port) }];
  return (from, probes) => ({
    from,
    api: { endpoints, serverName: labNetwork.domain, ca: access.ca, cert: access.cert, key: access.key.reveal(), resume },
    direct: endpoints,
    probes: [...probes],
    everyMs: 50,
    timeoutMs: 1000,
    maximumSeconds: 600,
    namespace: writesNamespace,
    run: `b${Date.now().toString(36)}`,
  });
}

function hostOf(lab: Lab, name: string): Host {
  const address = lab.machines.find((machine) => machine.name === name)?.address ?? '';
  const { key, knownHosts } = labDirectories(lab.name);
  const ssh = { user: 'root', port: 22, keyFile: key, password: undefined, knownHosts };
  return { name, address, internalAddress: address, roles: ['master'], ssh, labels: {}, taints: [], interface: undefined };
}

function measureLatency(lab: Lab, access: KubernetesAccess) {
  const [program = '', ...rest] = enterLab(lab.name, [process.execPath, join(packageRoot(), 'bench/parts/latency-process.ts')]);
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  const latencies: z.infer<typeof answerSchema>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => latencies.push(answerSchema.parse(JSON.parse(line))));
  const server = `https://${labNetwork.vip}:${new URL(access.servers[0] ?? '').port}`;
  const plan = { server, serverName: labNetwork.domain, ca: access.ca, cert: access.cert, key: access.key.reveal(), everyMs: 25 };
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  return { latencies, end: () => child.stdin.end() };
}

/** Of the probes' process that this one has started: nsenter becomes it. */
async function probesSeconds(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return command.includes('probe-process.ts') && fieldsOf(stat)[1] === process.pid ? ownSeconds(stat) : 0;
    }),
  );
  return stats.reduce((sum, seconds) => sum + seconds, 0);
}

/** Fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
function ownSeconds(stat: string): number {
  const fields = fieldsOf(stat);
  return ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100;
}

/** From the third field on: the name in parentheses may hold anything. */
function fieldsOf(stat: string): readonly number[] {
  return stat
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
}
