/** A CareStatus from the JSON of a daemon, which may be of another version: what is missing or odd is a clear word, never a crash later. */

import { Failure } from '../../model/failure.ts';
import type { BackendState } from '../health/backend-health.ts';
import type { LookKind, LookResult } from '../health/look.ts';
import type { DataplaneKind } from '../settings.ts';
import type { BackendStatus, CareStatus, Change, DiscoveryStatus, LookStatus } from '../status.ts';

/** Throws Failure CARE_STATUS that names the first place which is not understood. */
export function readCareStatus(text: string): CareStatus {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw odd('the answer is not JSON');
  }
  const at = field(json, '');
  const dataplane = at('dataplane');
  const applies = at('applies');
  return {
    version: words(at('version')),
    pid: number(at('pid')),
    since: time(at('since')),
    service: words(at('service')),
    dataplane: { kind: oneOf(dataplanes, dataplane('kind')), detail: words(dataplane('detail')) },
    table: oneOf(['none', 'serve', 'reject'] as const, at('table')),
    applies: { done: number(applies('done')), failed: number(applies('failed')), trouble: orNull(applies('trouble'), words) },
    backends: list(at('backends'), backendOf),
    discovery: discoveryOf(at('discovery')),
    ownStallSeconds: number(at('ownStallSeconds')),
    changes: list(at('changes'), changeOf),
  };
}

const dataplanes: readonly DataplaneKind[] = ['nft', 'ipvs', 'proxy'];
const states: readonly BackendState[] = ['UP', 'SUSPECT', 'DRAIN', 'DOWN'];
const troubles: readonly BackendStatus['trouble'][] = ['none', 'soft', 'untrusted', 'hard'];
const kinds: readonly LookKind[] = ['ping', 'check', 'connect', 'fresh'];
const results: readonly LookResult[] = ['ok', 'draining', 'missed', 'refused', 'closed', 'unreachable', 'untrusted'];

function backendOf(at: Field): BackendStatus {
  const answers = at('answers');
  const looks = at('looks');
  return {
    address: words(at('address')),
    source: oneOf(['static', 'discovered'] as const, at('source')),
    local: at('local').value === true,
    state: oneOf(states, at('state')),
    since: time(at('since')),
    why: words(at('why')),
    trouble: oneOf(troubles, at('trouble')),
    weight: orNull(at('weight'), number),
    transitions: number(at('transitions')),
    looks: Object.fromEntries(results.map((result) => [result, looks(result).value === undefined ? 0 : number(looks(result))])),
    answers: { count: number(answers('count')), seconds: number(answers('seconds')) },
    lastLook: orNull(at('lastLook'), lookOf),
    connections: orNull(at('connections'), number),
  };
}

function lookOf(at: Field): LookStatus {
  return {
    kind: oneOf(kinds, at('kind')),
    result: oneOf(results, at('result')),
    at: time(at('at')),
    seconds: number(at('seconds')),
    detail: words(at('detail')),
  };
}

function discoveryOf(at: Field): DiscoveryStatus {
  const kind = oneOf(['off', 'waiting', 'following', 'failing'] as const, at('kind'));
  if (kind === 'off') return { kind };
  if (kind === 'following') {
    const lastSuccess = time(at('lastSuccess'));
    return { kind, via: words(at('via')), members: list(at('members'), words), unverified: list(at('unverified'), words), lastSuccess };
  }
  const [why, lastSuccess] = [words(at('why')), orNull(at('lastSuccess'), time)];
  return kind === 'waiting' ? { kind, why, lastSuccess } : { kind, why, remedy: orNull(at('remedy'), words), lastSuccess };
}

function changeOf(at: Field): Change {
  return { at: time(at('at')), subject: words(at('subject')), what: words(at('what')), why: words(at('why')) };
}

/** A value with the place where it stands; called with a name, it gives the value below. */
interface Field {
  (name: string): Field;
  readonly value: unknown;
  readonly place: string;
}

function field(value: unknown, place: string): Field {
  const below = (name: string): Field => {
    if (typeof value !== 'object' || value === null) throw odd(`${place || 'the answer'} is no object`);
    return field(new Map<string, unknown>(Object.entries(value)).get(name), place === '' ? name : `${place}.${name}`);
  };
  return Object.assign(below, { value, place });
}

function words({ value, place }: Field): string {
  if (typeof value !== 'string') throw odd(`${place} is no text`);
  return value;
}

function number({ value, place }: Field): number {
  if (typeof value !== 'number') throw odd(`${place} is no number`);
  return value;
}

function time(at: Field): string {
  const text = words(at);
  if (Number.isNaN(Date.parse(text))) throw odd(`${at.place} is no time`);
  return text;
}

function list<T>({ value, place }: Field, read: (at: Field) => T): readonly T[] {
  if (!Array.isArray(value)) throw odd(`${place} is no list`);
  return value.map((one: unknown, index) => read(field(one, `${place}[${index}]`)));
}

function oneOf<T extends string>(allowed: readonly T[], at: Field): T {
  const found = allowed.find((one) => one === at.value);
  if (found === undefined) throw odd(`${at.place} is none of ${allowed.join(', ')}`);
  return found;
}

function orNull<T>(at: Field, read: (at: Field) => T): T | null {
  return at.value === null ? null : read(at);
}

function odd(what: string): Failure {
  return new Failure('CARE_STATUS', `the daemon's status is not understood: ${what}`, {
    remedy: 'see whether the daemon is of the same version: trivet --version; systemctl restart trivet-care',
  });
}
