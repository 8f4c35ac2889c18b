/** What the operator and the agent on a machine say to each other, a JSON object a line, after the token's line. */

import { z } from 'zod';
import type { RecordedEvent } from '../../model/event.ts';
import { fieldsOf } from '../recording/fields.ts';
import { readEvent } from '../recording/read-event.ts';
import type { AgentLook } from './agent-look.ts';

export const requestSchema = z.discriminatedUnion('ask', [
  /** Answered at once, with the machine's clock. */
  z.object({ ask: z.literal('ping'), id: z.int() }),
  /** All from this number on, and from then on each as it comes; what is before it may be forgotten. */
  z.object({ ask: z.literal('events'), from: z.int().nonnegative() }),
  /** No more attempts and looks; `end` follows the last event. */
  z.object({ ask: z.literal('stop') }),
  /** The operator has everything: the process ends. */
  z.object({ ask: z.literal('bye') }),
]);

export type AgentRequest = z.infer<typeof requestSchema>;

const lookTimes = { atMs: z.number(), sinceMs: z.number() };
const lookSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('holds'), holds: z.boolean(), ...lookTimes }),
  z.object({
    kind: z.literal('etcd'),
    member: z.string(),
    answers: z.boolean(),
    term: z.number(),
    leader: z.string().exactOptional(),
    ...lookTimes,
  }),
]);

const answerSchema = z.union([
  z.object({ pong: z.int(), ms: z.number() }),
  z.object({ n: z.int(), event: z.record(z.string(), z.unknown()) }),
  z.object({ n: z.int(), look: lookSchema }),
  z.object({ end: z.int() }),
]);

export type AgentAnswer =
  | { readonly kind: 'pong'; readonly id: number; readonly ms: number }
  | { readonly kind: 'event'; readonly n: number; readonly event: RecordedEvent }
  | { readonly kind: 'look'; readonly n: number; readonly look: AgentLook }
  /** So many events and looks there were. */
  | { readonly kind: 'end'; readonly count: number };

/** Throws when the line is not an agent's. */
export function readAnswer(line: string): AgentAnswer {
  const answer = answerSchema.parse(JSON.parse(line));
  if ('pong' in answer) return { kind: 'pong', id: answer.pong, ms: answer.ms };
  if ('end' in answer) return { kind: 'end', count: answer.end };
  if ('look' in answer) return { kind: 'look', n: answer.n, look: answer.look };
  const event = readEvent(fieldsOf(answer.event));
  if (event === undefined) throw new Error(`an event of a kind that is not known: ${String(answer.event.kind)}`);
  return { kind: 'event', n: answer.n, event };
}

/** The same on another clock. */
export function shiftEvent(event: RecordedEvent, shift: (ms: number) => number): RecordedEvent {
  if (event.kind === 'probe') return { ...event, startedMs: shift(event.startedMs), endedMs: shift(event.endedMs) };
  return { ...event, atMs: shift(event.atMs) };
}

export function shiftLook(look: AgentLook, shift: (ms: number) => number): AgentLook {
  return { ...look, atMs: shift(look.atMs), sinceMs: shift(look.sinceMs) };
}
