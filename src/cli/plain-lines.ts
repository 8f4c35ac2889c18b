/** A run's events as plain lines, for logs, pipes and CI: each line says when it was, so that a hang can be found afterwards. */

import type { Event } from '../model/event.ts';
import { count, duration, messageLine } from './run-view.ts';

type PhaseEvent = Extract<Event, { kind: 'phase' }>;

/**
 * One line for a phase's start and end and for each changed step. A phase is only told when it has something to do
 * (verbose: always), or an `up` with nothing to do would be a page of text.
 */
export function plainLines({ verbose }: { readonly verbose: boolean }): (event: Event) => readonly string[] {
  const phases = new Map<string, { readonly event: PhaseEvent; told: boolean; changed: number }>();
  const lines = (event: Event): readonly string[] => {
    switch (event.kind) {
      case 'run':
        return verbose ? [`${event.sequence} ${event.state}`] : [];
      case 'phase':
        return event.state === 'started' ? started(event) : ended(event);
      case 'step':
        return stepLines(event);
      case 'progress':
        return [`${event.message}${event.usualSeconds === undefined ? '' : ` (usually ~${duration(event.usualSeconds)})`}`];
      default:
        return messageLine(event).map(({ tone, text }) => (tone === 'warning' ? `warning: ${text}` : text));
    }
  };
  const begin = (event: PhaseEvent) =>
    `${event.phase}: ${event.summary}, on ${event.hosts.join(', ')} (usually ~${duration(event.usualSeconds)})`;
  const started = (event: PhaseEvent): readonly string[] => {
    phases.set(event.phase, { event, told: verbose, changed: 0 });
    return verbose ? [begin(event)] : [];
  };
  const ended = (event: PhaseEvent): readonly string[] => {
    const phase = phases.get(event.phase);
    phases.delete(event.phase);
    if (phase?.told !== true && event.state === 'finished') return [];
    return [`${event.phase}: ${event.state}, ${count(phase?.changed ?? 0, 'change')}, ${duration(event.seconds ?? 0)}`];
  };
  const stepLines = (event: Extract<Event, { kind: 'step' }>): readonly string[] => {
    const phase = phases.get(event.phase);
    const line = `  ${event.host}: ${event.title}`;
    switch (event.state) {
      case 'started': {
        if (phase === undefined || phase.told) return [];
        phase.told = true;
        return [begin(phase.event)];
      }
      case 'changed':
        if (phase !== undefined) phase.changed += 1;
        return [`${line} (${duration(event.seconds ?? 0)})`];
      case 'failed':
        return [`${line}: FAILED: ${event.message ?? ''}`];
      case 'unchanged':
        return event.seconds === undefined ? [] : [`${line}: there (${duration(event.seconds)})`];
      case 'planned':
        return [];
    }
  };
  return (event) => lines(event).map((line) => `${event.at.slice(11, 19)} ${line}`);
}
