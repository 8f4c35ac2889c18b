/** What the daemon shows of itself, made from its loop when somebody asks. */

import type { Address } from './address.ts';
import { addressText } from './address.ts';
import type { CareLoop, GuardedMember } from './care-loop.ts';
import type { Dataplane } from './dataplane/dataplane.ts';
import type { BackendStatus, CareStatus, DiscoveryStatus } from './status.ts';

export interface StatusInput {
  readonly version: string;
  readonly pid: number;
  readonly service: Address;
  /** Wall-clock milliseconds at which the daemon began. */
  readonly startedAt: number;
  readonly loop: CareLoop;
  readonly dataplane: Pick<Dataplane, 'kind' | 'detail'>;
  readonly discovery: DiscoveryStatus;
  /** By the backend's text; undefined: not known. */
  readonly connections: ReadonlyMap<string, number> | undefined;
  /** Both clocks at this moment, milliseconds. */
  readonly wallMs: number;
  readonly nowMs: number;
}

export function statusOfLoop(input: StatusInput): CareStatus {
  const { loop, dataplane, service } = input;
  const { done, failed, trouble, applied } = loop.keeper();
  return {
    version: input.version,
    pid: input.pid,
    since: new Date(input.startedAt).toISOString(),
    service: addressText(service),
    dataplane: { kind: dataplane.kind, detail: dataplane.detail },
    table: applied?.kind ?? 'none',
    applies: { done, failed, trouble: trouble ?? null },
    backends: loop.pool().map((member) => backendStatus(member, input)),
    discovery: input.discovery,
    ownStallSeconds: loop.ownStallSeconds(),
    changes: loop.changes(),
  };
}

function backendStatus({ address, origin, local, health, guard }: GuardedMember, input: StatusInput): BackendStatus {
  const text = addressText(address);
  const wall = (ms: number): string => new Date(input.wallMs - (input.nowMs - ms)).toISOString();
  const { transitions, looks, answers, lastLook } = guard.story();
  const target = input.loop.keeper().applied?.targets.find((one) => addressText(one.address) === text);
  return {
    address: text,
    source: origin,
    local,
    state: health.state,
    since: wall(health.sinceMs),
    why: health.why,
    trouble: health.trouble,
    weight: target?.weight ?? null,
    transitions,
    looks,
    answers,
    lastLook:
      lastLook === undefined
        ? null
        : {
            kind: lastLook.kind,
            result: lastLook.result,
            at: wall(lastLook.startedMs),
            seconds: (lastLook.endedMs - lastLook.startedMs) / 1000,
            detail: lastLook.detail,
          },
    connections: input.connections === undefined ? null : (input.connections.get(text) ?? 0),
  };
}
