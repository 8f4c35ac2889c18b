/** The first and the last line of a recording. */

import {
  clean,
  type Fields,
  fieldsOf,
  list,
  milliseconds,
  oneOf,
  optionalText,
  text,
  textOf,
  Unreadable,
  whole,
  yesOrNo,
} from './fields.ts';
import type { RecordingFooter, RecordingHeader } from './recording.ts';

/** Throws Unreadable. The format's number is the caller's to judge. */
export function readHeader(fields: Fields): RecordingHeader {
  return {
    kind: 'recording',
    format: whole(fields.get('format'), 'format'),
    trivet: text(fields, 'trivet'),
    cluster: text(fields, 'cluster'),
    scheme: text(fields, 'scheme'),
    ...(fields.has('profile') && { profile: oneOf(fields, 'profile', ['standard', 'good-lan']) }),
    drill: text(fields, 'drill'),
    fault: text(fields, 'fault'),
    machines: list(fields, 'machines', (value) => {
      const machine = fieldsOf(value);
      const address = optionalText(machine, 'address');
      return { name: text(machine, 'name'), ...(address !== undefined && { address }), roles: list(machine, 'roles', textOf) };
    }),
    probes: list(fields, 'probes', (value) => {
      const probe = fieldsOf(value);
      return {
        probe: text(probe, 'probe'),
        from: text(probe, 'from'),
        ...(probe.has('everyMs') && { everyMs: milliseconds(probe, 'everyMs') }),
      };
    }),
    startedAt: text(fields, 'startedAt'),
    ...(fields.has('expects') && { expects: oneOf(fields, 'expects', ['service', 'no-writes']) }),
    budgets: numbers(fields, 'budgets'),
    ...(fields.has('clocks') && {
      clocks: list(fields, 'clocks', (value) => {
        const clock = fieldsOf(value);
        return { from: text(clock, 'from'), errorMs: Math.abs(milliseconds(clock, 'errorMs')) };
      }),
    }),
  };
}

/** Throws Unreadable. */
export function readFooter(fields: Fields): RecordingFooter {
  return { kind: 'end', atMs: milliseconds(fields, 'atMs'), complete: yesOrNo(fields, 'complete'), counts: numbers(fields, 'counts') };
}

function numbers(fields: Fields, name: string): Readonly<Record<string, number>> {
  const pairs = fieldsOf(fields.get(name))
    .entries()
    .map(([key, value]) => {
      if (typeof value !== 'number' || !(value >= 0 && value <= 1e9)) throw new Unreadable(`${name}: ${clean(key)} is not a number`);
      return [clean(key), value] as const;
    });
  // fromEntries makes own properties even of names like __proto__.
  return Object.fromEntries(pairs);
}
