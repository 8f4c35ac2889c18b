/** What a run looks like at a moment, from its events alone: lines that stay and lines that are alive. Pure but for its own state. */

import type { Event } from '../model/event.ts';

export type Tone = 'busy' | 'good' | 'bad' | 'warning' | 'quiet';

export interface ViewLine {
  readonly tone: Tone;
  readonly text: string;
  /** Shown after the text where there is room: times and counts. */
  readonly tail: string;
  /** 0: a phase or a message; 1: a host or a step below it. */
  readonly depth: 0 | 1;
}

export interface RunView {
  /** The lines that this event adds for good. */
  readonly take: (event: Event) => readonly ViewLine[];
  /** What goes on at a time in milliseconds since the epoch; at most `rows` lines. */
  readonly alive: (now: number, rows: number) => readonly ViewLine[];
}

interface ActivePhase {
  readonly event: Extract<Event, { kind: 'phase' }>;
  readonly since: number;
  /** The step that each host is at. */
  readonly working: Map<string, { readonly title: string; readonly since: number }>;
  changed: number;
  waited: number;
  failed: number;
}

/** verbose: every changed step and every idle phase stays as a line too. Phases that found nothing to do otherwise leave no line. */
export function runView({ verbose }: { readonly verbose: boolean }): RunView {
  const phases = new Map<string, ActivePhase>();
  const progress = new Map<string, { readonly message: string; readonly usualSeconds: number | undefined; readonly since: number }>();

  const takePhase = (event: Extract<Event, { kind: 'phase' }>): readonly ViewLine[] => {
    if (event.state === 'started') {
      phases.set(event.phase, { event, since: Date.parse(event.at), working: new Map(), changed: 0, waited: 0, failed: 0 });
      return [];
    }
    const phase = phases.get(event.phase);
    phases.delete(event.phase);
    const idle = phase === undefined || phase.changed + phase.waited + phase.failed === 0;
    if (event.state === 'finished' && idle && !verbose) return [];
    const changes = phase === undefined || phase.changed === 0 ? '' : `${count(phase.changed, 'change')}, `;
    const tone = event.state === 'finished' ? 'good' : 'bad';
    return [{ tone, depth: 0, text: phaseText(event), tail: `${changes}${duration(event.seconds ?? 0)}` }];
  };

  const takeStep = (event: Extract<Event, { kind: 'step' }>): readonly ViewLine[] => {
    const phase = phases.get(event.phase);
    if (event.state === 'started') phase?.working.set(event.host, { title: event.title, since: Date.parse(event.at) });
    else {
      phase?.working.delete(event.host);
      progress.delete(event.step);
    }
    if (phase !== undefined) {
      if (event.state === 'changed') phase.changed += 1;
      if (event.state === 'failed') phase.failed += 1;
      if (event.state === 'unchanged' && event.seconds !== undefined) phase.waited += 1;
    }
    const line = { depth: 1, text: `${event.host}  ${event.title}`, tail: duration(event.seconds ?? 0) } as const;
    if (event.state === 'failed') return [{ ...line, tone: 'bad', text: `${line.text}: ${event.message ?? 'failed'}` }];
    return verbose && event.state === 'changed' ? [{ ...line, tone: 'good' }] : [];
  };

  return {
    take: (event) => {
      switch (event.kind) {
        case 'phase':
          return takePhase(event);
        case 'step':
          return takeStep(event);
        case 'run':
          progress.clear();
          if (event.state === 'started') phases.clear();
          return [];
        case 'progress':
          progress.set(event.task, { message: event.message, usualSeconds: event.usualSeconds, since: Date.parse(event.at) });
          return [];
        default:
          return messageLine(event);
      }
    },
    alive: (now, rows) => {
      const steps = new Set([...phases.values()].flatMap((phase) => [...phase.working.values()].map(({ title }) => title)));
      const others = [...progress.values()].filter(({ message }) => ![...steps].some((title) => message.includes(title)));
      const lines: ViewLine[] = others.map(({ message, usualSeconds, since }) => ({
        tone: 'busy',
        depth: 0,
        text: message,
        tail: soFar(now - since, usualSeconds),
      }));
      for (const phase of phases.values()) {
        lines.push({ tone: 'busy', depth: 0, text: phaseText(phase.event), tail: soFar(now - phase.since, phase.event.usualSeconds) });
        for (const host of phase.event.hosts) {
          const step = phase.working.get(host);
          if (step === undefined) continue;
          const { title, since } = step;
          lines.push({ tone: 'quiet', depth: 1, text: `${host}  ${title}`, tail: duration((now - since) / 1000) });
        }
      }
      const hidden = lines.length - rows;
      if (hidden <= 0) return lines;
      return [...lines.slice(0, rows - 1), { tone: 'quiet', depth: 1, text: `and ${hidden + 1} more`, tail: '' }];
    },
  };
}

/** Warnings, faults and what moved: events that are lines by themselves. Probes are too many to be. */
export function messageLine(event: Event): readonly ViewLine[] {
  const line = (tone: Tone, text: string): readonly ViewLine[] => [{ tone, depth: 0, text, tail: '' }];
  switch (event.kind) {
    case 'warning':
      return line('warning', event.host === undefined ? event.message : `${event.host}: ${event.message}`);
    case 'fault':
      return line(event.state === 'injected' ? 'warning' : 'good', `${event.fault} ${event.state} on ${event.host}`);
    case 'vip':
      return line('quiet', event.owner === undefined ? 'no machine holds the VIP' : `the VIP is on ${event.owner}`);
    case 'leader':
      return line('quiet', event.holder === undefined ? `${event.of} has no leader` : `${event.of}'s leader is ${event.holder}`);
    default:
      return [];
  }
}

export function phaseText(event: Extract<Event, { kind: 'phase' }>): string {
  return `${event.phase.padEnd(18)} ${event.summary}`;
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** 0.34 s, 7 s, 83 s, 5 min. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.max(0, seconds).toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function soFar(milliseconds: number, usualSeconds: number | undefined): string {
  const elapsed = `${Math.max(0, Math.floor(milliseconds / 1000))} s`;
  return usualSeconds === undefined ? elapsed : `${elapsed}, usually ~${duration(usualSeconds)}`;
}
