/**
 * care against the loss of a backend (cut off, killed, frozen), against false alarms, and what it costs: one run, on machines of the lab
 * without Kubernetes, whose three masters each have a stand-in for an apiserver. An lvscare on PATH is measured beside it.
 */

import { parseArgs } from 'node:util';
import { careExecutable } from '../src/bundle/care-executable.ts';
import { type CareDaemon, startDaemon } from './parts/care-daemon.ts';
import { falseAlarms } from './parts/care-false-alarms.ts';
import { careGuard, startLvscare } from './parts/care-guards.ts';
import { careIdle } from './parts/care-idle.ts';
import { type CareLab, careNode, careVip, httpsPort, openCareLab } from './parts/care-lab.ts';
import { careLatency } from './parts/care-latency.ts';
import { type CareFault, type CareResult, careFaults, careSchema, careParts as parts, withParts } from './parts/care-result.ts';
import { careStarts } from './parts/care-starts.ts';
import { careStreams } from './parts/care-streams.ts';
import { careTable } from './parts/care-table.ts';
import { careTrial, type Guard } from './parts/care-trial.ts';
import { interruptible } from './parts/interruptible.ts';
import { onMachine } from './parts/on-machine.ts';
import { loadResult, resultsDirectory, saveResult } from './parts/results.ts';
import { surroundings } from './parts/surroundings.ts';

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'bench-care' },
    /** Of each fault with each data plane. */
    trials: { type: 'string', default: '10' },
    /** Of false alarms, with nft. */
    'loss-minutes': { type: 'string', default: '10' },
    'idle-seconds': { type: 'string', default: '60' },
    starts: { type: 'string', default: '20' },
    /** Of throughput and latency. */
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '3000' },
    /** Some of: starts, faults, idle, alarms, streams, latency, lvscare. Of an earlier result the other parts are kept. */
    only: { type: 'string', multiple: true, default: [] },
    /** For a look on a busy box: priorities are left alone. */
    idle: { type: 'boolean', default: false },
    results: { type: 'string', default: resultsDirectory },
    'limit-minutes': { type: 'string', default: '90' },
  },
});

interface Run {
  readonly care: CareLab;
  readonly signal: AbortSignal;
  readonly result: CareResult;
}

const unknown = values.only.filter((word) => !parts.some((part) => part === word));
if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}; there are: ${parts.join(', ')}`);
const wanted = (part: (typeof parts)[number]) => values.only.length === 0 || values.only.includes(part);

await interruptible(Number(values['limit-minutes']), async (signal) => {
  const result: CareResult = { on: await surroundings(), trials: [], failures: [], falseAlarms: [], idle: [], throughput: [], latency: [] };
  if (wanted('starts')) result.starts = await careStarts((await careExecutable({ signal })).path, Number(values.starts), signal);
  const care = await openCareLab({ name: values.name, packages: ['haproxy', 'ipvsadm'], idle: values.idle, signal });
  try {
    await measure({ care, signal, result });
    await save(result);
    console.log(careTable(result));
  } finally {
    await care.close();
  }
});

async function measure(run: Run): Promise<void> {
  const { care, signal, result } = run;
  const rounds = Number(values.rounds);
  for (const dataplane of ['nft', 'proxy'] as const) await withCare(run, dataplane);
  if (wanted('streams')) Object.assign(result, await careStreams(care, { rounds, connections: [1, 4], signal }));
  if (wanted('latency')) result.latency = await careLatency(care, { rounds, requests: Number(values.requests), signal });
  if (wanted('lvscare')) await withLvscare(run);
}

async function withCare(run: Run, dataplane: 'nft' | 'proxy'): Promise<void> {
  if (!wanted('faults') && !wanted('idle') && !wanted('alarms')) return;
  const { care, signal, result } = run;
  const daemon: CareDaemon = await startDaemon(care, { dataplane });
  const guard = careGuard(dataplane, daemon);
  try {
    await guard.whole();
    if (wanted('idle')) result.idle.push(await careIdle(daemon, dataplane, Number(values['idle-seconds']), signal));
    if (wanted('faults')) for (const fault of careFaults) await trials(run, guard, fault, Number(values.trials));
    if (wanted('alarms') && dataplane === 'nft') {
      await guard.whole();
      result.falseAlarms.push(await falseAlarms(care, daemon, { guard: dataplane, minutes: Number(values['loss-minutes']), signal }));
    }
    await save(result);
  } finally {
    await daemon.stop();
    await onMachine(care.lab, careNode, `trivet care --clean --vs ${careVip}:${httpsPort}`);
  }
}

async function withLvscare(run: Run): Promise<void> {
  const lvscare = await startLvscare(run.care);
  if (typeof lvscare === 'string') {
    run.result.lvscare = lvscare;
    return;
  }
  try {
    for (const fault of careFaults) await trials(run, lvscare, fault, Math.min(3, Number(values.trials)));
  } finally {
    await lvscare.stop();
  }
}

/** No trial is thrown away: one without figures counts as failed. */
async function trials({ care, signal, result }: Run, guard: Guard, fault: CareFault, count: number): Promise<void> {
  for (let trial = 1; trial <= count; trial++) {
    try {
      const done = await careTrial({ care, guard, fault, trial, signal });
      result.trials.push(done);
      console.error(
        `${guard.kind}, ${fault} ${trial} (${done.victim}): waited ${text(done.longestWaitMs)}, DOWN ${text(done.downMs)}, out of the table ${text(done.outOfTableMs)}, last trouble ${text(done.lastTroubleMs)}, ${done.cut} of ${done.held} cut within ${text(done.slowestCutMs)}; ${done.failed} of ${done.attempts} failed; own delay ${text(done.ownDelayMs)}`,
      );
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      result.failures.push(`${guard.kind}, ${fault} ${trial}: ${why}`);
      console.error(result.failures.at(-1));
    }
    await save(result);
  }
}

function text(ms: number | undefined): string {
  return ms === undefined ? '–' : `${ms.toFixed(0)} ms`;
}

/** A part that is measured again has surroundings of its own. */
async function save(result: CareResult): Promise<void> {
  const earlier = values.only.length === 0 ? undefined : careSchema.safeParse(await loadResult('care', values.results)).data;
  await saveResult('care', earlier === undefined ? result : withParts(earlier, result, parts.filter(wanted)), values.results);
}
