/** The operator's side of an agent: comes again after every lost connection, asks from where it was, and learns the machine's clock. */

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import type { RecordedEvent } from '../../model/event.ts';
import { monotonicMs } from '../probes/monotonic.ts';
import { timeOf } from '../recording/recording.ts';
import type { AgentLook } from './agent-look.ts';
import { type AgentAnswer, type AgentRequest, readAnswer, shiftEvent, shiftLook } from './agent-words.ts';
import { type MachineClock, machineClock } from './machine-clock.ts';
import { pause } from './pause.ts';

export interface FollowInput {
  readonly token: string;
  /** A new connection to the agent's port. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
}

/** Times are of this process's monotonic clock. */
export interface Heard {
  readonly events: readonly RecordedEvent[];
  readonly looks: readonly AgentLook[];
  /** The largest of all of them. */
  readonly errorMs: number;
  /** So many were dropped on the machine before they were fetched. */
  readonly dropped: number;
}

export interface Following {
  readonly events: readonly RecordedEvent[];
  readonly looks: readonly AgentLook[];
  readonly errorMs: number;
  /** The machine was there at this time. */
  readonly heardMs: number;
  /** Settles with the first answer. */
  readonly answered: Promise<void>;
  /** Asks it to stop, now and on every further connection. Settles when everything has been heard. */
  readonly finish: () => Promise<void>;
  /** Nothing more is asked; all that was heard, with the clock as it is known by now. */
  readonly close: () => Heard;
}

const pingMs = 500;
/** At the beginning of a connection the clock is asked so often, so soon: delays vary. */
const firstPings = 8;
const firstPingMs = 15;
/** Events are asked for after so many answers: the first of them are told with a good clock. */
const pingsBeforeEvents = 4;
const silentMs = 3000;
const againMs = [100, 500, 1000, 2000] as const;

export function followAgent(input: FollowInput): Following {
  const state = emptyState();
  void comeAgainAndAgain(input, state);
  return {
    get events() {
      return state.events;
    },
    get looks() {
      return state.looks;
    },
    get errorMs() {
      return state.clock.at(state.machineMs)?.errorMs ?? Number.POSITIVE_INFINITY;
    },
    get heardMs() {
      return state.heardMs;
    },
    answered: state.answered.promise,
    finish() {
      state.stopping = true;
      state.say?.({ ask: 'stop' });
      return state.ended.promise;
    },
    close() {
      state.closed.abort();
      return allHeard(state);
    },
  };
}

interface State {
  readonly clock: MachineClock;
  /** On the machine's clock, as they came. */
  readonly rawEvents: RecordedEvent[];
  readonly rawLooks: AgentLook[];
  readonly events: RecordedEvent[];
  readonly looks: AgentLook[];
  /** Number of the next event. */
  next: number;
  dropped: number;
  /** The last time that the machine's clock showed, and when that was heard. */
  machineMs: number;
  heardMs: number;
  stopping: boolean;
  say: ((request: AgentRequest) => void) | undefined;
  readonly answered: PromiseWithResolvers<void>;
  readonly ended: PromiseWithResolvers<void>;
  readonly closed: AbortController;
}

function emptyState(): State {
  return {
    clock: machineClock(),
    rawEvents: [],
    rawLooks: [],
    events: [],
    looks: [],
    next: 0,
    dropped: 0,
    machineMs: 0,
    heardMs: Number.NEGATIVE_INFINITY,
    stopping: false,
    say: undefined,
    answered: Promise.withResolvers<void>(),
    ended: Promise.withResolvers<void>(),
    closed: new AbortController(),
  };
}

async function comeAgainAndAgain({ open, token }: FollowInput, state: State): Promise<void> {
  const { signal } = state.closed;
  for (let failed = 0; !signal.aborted; ) {
    const before = state.heardMs;
    try {
      const stream = await open(signal);
      stream.write(`${token}\n`);
      await converse(stream, state);
    } catch {
      // Not there now; stop() tells what was not heard in the end.
    }
    state.say = undefined;
    failed = state.heardMs > before ? 0 : failed + 1;
    await pause(againMs[Math.min(failed, againMs.length - 1)] ?? 1000, signal);
  }
}

/** Ends with the connection, or when nothing is heard on it for too long. */
async function converse(stream: Duplex, state: State): Promise<void> {
  const sent = new Map<number, number>();
  let pings = 0;
  let pongs = 0;
  let heardMs = monotonicMs();
  const say = (request: AgentRequest) => void stream.write(`${JSON.stringify(request)}\n`);
  const ping = () => {
    sent.set(pings, monotonicMs());
    say({ ask: 'ping', id: pings++ });
  };
  let timer: NodeJS.Timeout | undefined;
  const pingAgain = () => {
    if (monotonicMs() - heardMs > silentMs) stream.destroy();
    else {
      ping();
      timer = setTimeout(pingAgain, pings < firstPings ? firstPingMs : pingMs);
    }
  };
  const end = () => stream.destroy();
  state.closed.signal.addEventListener('abort', end, { once: true });
  stream.on('error', () => undefined);
  const lines = createInterface({ input: stream });
  lines.on('error', () => undefined);
  lines.on('line', (line) => {
    heardMs = monotonicMs();
    let answer: AgentAnswer;
    try {
      answer = readAnswer(line);
    } catch {
      stream.destroy();
      return;
    }
    if (answer.kind === 'pong') {
      const sentMs = sent.get(answer.id);
      if (sentMs !== undefined) hearClock(state, sentMs, answer.ms, heardMs);
      pongs += 1;
      if (pongs === pingsBeforeEvents) {
        state.say = say;
        say({ ask: 'events', from: state.next });
        if (state.stopping) say({ ask: 'stop' });
      }
    } else hear(state, answer, say);
  });
  pingAgain();
  try {
    if (!stream.destroyed) await once(stream, 'close');
  } finally {
    clearTimeout(timer);
    state.closed.signal.removeEventListener('abort', end);
    lines.close();
  }
}

function hearClock(state: State, sentMs: number, machineMs: number, receivedMs: number): void {
  state.clock.add({ sentMs, machineMs, receivedMs });
  state.machineMs = machineMs;
  // The answer was given between the two.
  state.heardMs = sentMs;
  state.answered.resolve();
}

function hear(state: State, answer: Exclude<AgentAnswer, { readonly kind: 'pong' }>, say: (request: AgentRequest) => void): void {
  if (answer.kind === 'end') {
    if (state.next < answer.count) state.dropped += answer.count - state.next;
    state.next = Math.max(state.next, answer.count);
    say({ ask: 'bye' });
    state.ended.resolve();
    return;
  }
  // Told a second time: the question for the rest was asked twice.
  if (answer.n < state.next) return;
  state.dropped += answer.n - state.next;
  state.next = answer.n + 1;
  if (answer.kind === 'event') {
    state.rawEvents.push(answer.event);
    state.events.push(eventHere(answer.event, state.clock));
  } else {
    state.rawLooks.push(answer.look);
    state.looks.push(lookHere(answer.look, state.clock));
  }
}

function allHeard({ rawEvents, rawLooks, clock, machineMs, dropped }: State): Heard {
  const errors = [machineMs, ...rawEvents.map(timeOf), ...rawLooks.map(({ atMs }) => atMs)].map((ms) => clock.at(ms)?.errorMs ?? 0);
  return {
    events: rawEvents.map((event) => eventHere(event, clock)),
    looks: rawLooks.map((look) => lookHere(look, clock)),
    errorMs: errors.reduce((a, b) => Math.max(a, b), 0),
    dropped,
  };
}

/** Both times of an attempt by the same difference: its length is what the machine measured. */
function eventHere(event: RecordedEvent, clock: MachineClock): RecordedEvent {
  const ahead = aheadAt(clock, timeOf(event));
  return shiftEvent(event, (ms) => ms + ahead);
}

function lookHere(look: AgentLook, clock: MachineClock): AgentLook {
  const ahead = aheadAt(clock, look.atMs);
  return shiftLook(look, (ms) => ms + ahead);
}

function aheadAt(clock: MachineClock, machineMs: number): number {
  return (clock.at(machineMs)?.ms ?? machineMs) - machineMs;
}
