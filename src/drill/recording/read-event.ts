/** One line of a recording as an event; kinds that drills do not record are passed over. */

import type { RecordedEvent } from '../../model/event.ts';
import { type Fields, fieldsOf, list, milliseconds, oneOf, optionalText, text, textOf, Unreadable, whole, yesOrNo } from './fields.ts';

/** undefined for a kind that is not known here; throws Unreadable. */
export function readEvent(fields: Fields): RecordedEvent | undefined {
  const kind = fields.get('kind');
  return kind === 'probe' ? readProbe(fields) : readOther(kind, fields);
}

function readProbe(fields: Fields): RecordedEvent {
  const startedMs = milliseconds(fields, 'startedMs');
  const endedMs = milliseconds(fields, 'endedMs');
  if (endedMs < startedMs) throw new Unreadable('it ended before it started');
  const detail = optionalText(fields, 'detail');
  const revision = fields.get('revision');
  return {
    kind: 'probe',
    probe: text(fields, 'probe'),
    from: text(fields, 'from'),
    startedMs,
    endedMs,
    ok: yesOrNo(fields, 'ok'),
    ...(detail !== undefined && { detail }),
    ...(fields.has('outcome') && { outcome: oneOf(fields, 'outcome', ['refused', 'unknown']) }),
    ...(revision !== undefined && { revision: whole(revision, 'revision') }),
  };
}

function readOther(kind: unknown, fields: Fields): RecordedEvent | undefined {
  const at = () => ({ atMs: milliseconds(fields, 'atMs') });
  switch (kind) {
    case 'fault':
      return {
        kind,
        ...at(),
        fault: text(fields, 'fault'),
        host: text(fields, 'host'),
        state: oneOf(fields, 'state', ['injected', 'healed']),
      };
    case 'vip':
      return {
        kind,
        ...at(),
        owner: optionalText(fields, 'owner'),
        ...(fields.has('owners') && { owners: list(fields, 'owners', textOf) }),
      };
    case 'leader':
      return {
        kind,
        ...at(),
        of: text(fields, 'of'),
        holder: optionalText(fields, 'holder'),
        ...(fields.has('term') && { term: whole(fields.get('term'), 'term') }),
      };
    case 'backend':
      return {
        kind,
        ...at(),
        on: text(fields, 'on'),
        backend: text(fields, 'backend'),
        state: oneOf(fields, 'state', ['UP', 'SUSPECT', 'DRAIN', 'DOWN']),
      };
    case 'node':
      return {
        kind,
        ...at(),
        node: text(fields, 'node'),
        condition: text(fields, 'condition'),
        status: oneOf(fields, 'status', ['True', 'False', 'Unknown']),
      };
    case 'member':
      return {
        kind,
        ...at(),
        member: text(fields, 'member'),
        state: oneOf(fields, 'state', ['healthy', 'unhealthy', 'learner', 'gone']),
      };
    case 'health':
      return { kind, ...at(), healthy: yesOrNo(fields, 'healthy'), problems: list(fields, 'problems', textOf) };
    case 'read-back':
      return { kind, ...at(), from: text(fields, 'from'), writes: list(fields, 'writes', pair) };
    case 'warning': {
      const host = optionalText(fields, 'host');
      return { kind, ...at(), message: text(fields, 'message'), ...(host !== undefined && { host }) };
    }
    default:
      if (typeof kind !== 'string') throw new Unreadable('it has no kind');
      return undefined;
  }
}

function pair(value: unknown): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) throw new Unreadable('writes is not a list of pairs');
  return [whole(value[0], 'the number of a write'), whole(value[1], 'the revision of a write')];
}

/** The event's source, whose own events must come in order of time. */
export function sourceOf(event: RecordedEvent): string {
  switch (event.kind) {
    case 'probe':
      return `probe ${event.from} ${event.probe}`;
    case 'leader':
      return `leader ${event.of}`;
    case 'backend':
      return `backend ${event.on} ${event.backend}`;
    case 'node':
      return `node ${event.node} ${event.condition}`;
    case 'member':
      return `member ${event.member}`;
    default:
      return event.kind;
  }
}

/** What a line of another kind could be mistaken for. */
export function kindOf(value: unknown): { readonly kind: unknown; readonly fields: Fields } {
  const fields = fieldsOf(value);
  return { kind: fields.get('kind'), fields };
}
