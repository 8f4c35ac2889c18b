/** The agent itself: probes and looks on one machine, and what they tell, kept for the operator. */

import { networkInterfaces } from 'node:os';
import type { RecordedEvent } from '../../model/event.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { ownDelayProbe } from '../probes/own-delay-probe.ts';
import { runProbes } from '../probes/run-probes.ts';
import type { AgentLook } from './agent-look.ts';
import type { AgentPlan } from './agent-plan.ts';
import { shiftEvent, shiftLook } from './agent-words.ts';
import { lookAtCare, lookAtHaproxy } from './balancer-looks.ts';
import { etcdMember } from './etcd-member.ts';
import { lookEvery, type When } from './look-every.ts';
import { serveOperator } from './serve-operator.ts';
import { toldStore } from './told.ts';

export interface Agent {
  /** On loopback. */
  readonly port: number;
  /** After the operator's bye, the plan's time, or the signal. */
  readonly ended: Promise<void>;
}

const vipEveryMs = 50;
const othersEveryMs = 250;
const aloneLookMs = 500;
/** After the plan's time what was told is still there for so long. */
const afterMs = 30_000;

interface Tell {
  readonly event: (event: RecordedEvent) => void;
  readonly look: (look: AgentLook) => void;
}

/**
 * Probes and looks run in this one process: no look takes more than 2 ms, all together 12 ms of CPU a second at most (measured on a busy
 * box, with what answers them), far below what would delay a probe; a process of their own would take another 75 MB of the machine.
 * `own delay` tells if that is ever wrong.
 */
export async function runAgent(plan: AgentPlan, signal: AbortSignal): Promise<Agent> {
  const told = toldStore();
  const originMs = monotonicMs();
  // Small numbers: uptimes of weeks are no times of a drill.
  const shown = (ms: number) => ms - originMs + (plan.skewMs ?? 0);
  const stop = new AbortController();
  const bye = Promise.withResolvers<void>();
  let working = true;
  const door = await serveOperator({
    token: plan.token,
    told,
    nowMs: () => shown(monotonicMs()),
    ended: () => !working,
    onStop: () => stop.abort(),
    onBye: () => {
      stop.abort();
      bye.resolve();
    },
  });
  const tell: Tell = {
    event(event) {
      told.push(`"event":${JSON.stringify(shiftEvent(event, shown))}`);
      door.wake();
    },
    look(look) {
      told.push(`"look":${JSON.stringify(shiftLook(look, shown))}`);
      door.wake();
    },
  };
  const enough = setTimeout(() => stop.abort(), plan.maximumSeconds * 1000);
  // The operator's machine is lost: the fault was undone meanwhile, and nobody needs these clients any more.
  const alone = setInterval(() => {
    if (monotonicMs() - door.heardMs() > (plan.aloneSeconds ?? plan.maximumSeconds) * 1000) stop.abort();
  }, aloneLookMs);
  const interrupted = () => {
    stop.abort();
    bye.resolve();
  };
  if (signal.aborted) interrupted();
  signal.addEventListener('abort', interrupted, { once: true });
  const work = Promise.all([
    plan.probes === undefined ? ownDelayProbe(plan.from, stop.signal, tell.event) : runProbes(plan.probes, stop.signal, tell.event),
    ...looksOf(plan, stop.signal, tell),
  ]);
  const ended = work.then(async () => {
    clearTimeout(enough);
    clearInterval(alone);
    working = false;
    door.wake();
    const late = setTimeout(() => bye.resolve(), afterMs);
    await bye.promise;
    clearTimeout(late);
    signal.removeEventListener('abort', interrupted);
    door.close();
  });
  return { port: door.port, ended };
}

function looksOf({ from, samples }: AgentPlan, signal: AbortSignal, tell: Tell): readonly Promise<void>[] {
  const { vip, etcd, haproxySocket, careSocket } = samples;
  const others = { everyMs: othersEveryMs, signal };
  const tellBackends = backendTeller(from, tell);
  return [
    ...(vip === undefined
      ? []
      : [
          lookEvery(
            { everyMs: vipEveryMs, signal },
            () => holds(vip),
            (has, when) => tell.look({ kind: 'holds', holds: has, ...when }),
          ),
        ]),
    ...(etcd === undefined ? [] : [lookAtMember(etcd, from, others, tell)]),
    ...(haproxySocket === undefined ? [] : [lookEvery(others, () => lookAtHaproxy(haproxySocket), tellBackends)]),
    ...(careSocket === undefined ? [] : [lookEvery(others, () => lookAtCare(careSocket), tellBackends)]),
  ];
}

function holds(address: string): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some((one) => one.address === address));
}

async function lookAtMember(
  access: NonNullable<AgentPlan['samples']['etcd']>,
  from: string,
  others: { readonly everyMs: number; readonly signal: AbortSignal },
  tell: Tell,
): Promise<void> {
  const asked = etcdMember(access);
  let stateBefore: string | undefined;
  await lookEvery(others, asked.look, ({ member, state, answers, term, leader }, when) => {
    // kubeadm and trivet name members after their machines; one that never answered is told by the machine's name.
    const name = member === '' ? from : member;
    if (state !== stateBefore) tell.event({ kind: 'member', atMs: when.atMs, member: name, state });
    stateBefore = state;
    tell.look({ kind: 'etcd', member: name, answers, term, ...(leader === undefined ? {} : { leader }), ...when });
  });
  asked.close();
}

/** A balancer that does not answer says nothing: its backends stay as they were. */
function backendTeller(on: string, tell: Tell): (seen: Awaited<ReturnType<typeof lookAtCare>>, when: When) => void {
  const states = new Map<string, string>();
  return (seen, { atMs }) => {
    for (const [backend, state] of Object.entries(seen ?? {})) {
      if (states.get(backend) === state) continue;
      states.set(backend, state);
      tell.event({ kind: 'backend', atMs, on, backend, state });
    }
  };
}
