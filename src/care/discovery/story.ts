/** What discovery tells: each trouble once, the end of the troubles once, and its state for the status. */

import { Failure } from '../../model/failure.ts';
import { type Address, addressText } from '../address.ts';
import type { CareLog } from '../log.ts';
import type { DiscoveryStatus } from '../status.ts';

export interface Story {
  /** Not possible yet; nothing is wrong. */
  readonly waiting: (why: string) => void;
  readonly failed: (error: unknown) => void;
  /** A list, an event or a bookmark came. */
  readonly heard: (kind: 'members' | 'alive') => void;
  readonly following: (via: Address, verified: readonly Address[], listed: readonly Address[]) => void;
  /** The list is empty or was deleted. */
  readonly nobody: (via: Address, kind: 'empty' | 'gone') => void;
  /** It went well for a while: the next trouble is told again. */
  readonly wasStable: () => void;
}

export function tellStory(log: CareLog, report: (status: DiscoveryStatus) => void, now: () => number): Story {
  const told = new Set<string>();
  let lastSuccess: string | null = null;
  let via = '';
  let empty = false;

  /** Troubles of one kind count as one, whichever master has them; the numbers in them change. */
  function once(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const key = message.replace(/\[[0-9a-f:]+\]:\d+|\d+\.\d+\.\d+\.\d+:\d+/g, 'MASTER');
    if (told.has(key)) return;
    told.add(key);
    log(level, message, fields);
  }

  return {
    waiting(why) {
      once('info', `discovery waits: ${why}`);
      report({ kind: 'waiting', why, lastSuccess });
    },
    failed(error) {
      const [message, remedy] =
        error instanceof Failure ? [error.message, error.remedy ?? null] : [`a defect in discovery: ${String(error)}`, null];
      via = '';
      once('warn', `discovery: ${message}; the members stay as they are`, remedy === null ? {} : { remedy });
      report({ kind: 'failing', why: message, remedy, lastSuccess });
    },
    heard(kind) {
      if (kind === 'members') empty = false;
      lastSuccess = new Date(now()).toISOString();
    },
    following(master, verified, listed) {
      if (lastSuccess === null || empty) return;
      if (via !== addressText(master)) {
        via = addressText(master);
        log('info', `discovery follows EndpointSlice default/kubernetes on ${via}`, { members: listed.map(addressText) });
      }
      const members = verified.map(addressText);
      const unverified = listed.map(addressText).filter((text) => !members.includes(text));
      report({ kind: 'following', via, members, unverified, lastSuccess });
    },
    nobody(master, kind) {
      empty = true;
      const why = `EndpointSlice default/kubernetes on ${addressText(master)} ${kind === 'empty' ? 'names no master' : 'was deleted'}`;
      const remedy = 'kubectl --namespace default get endpointslices kubernetes --output yaml';
      once('warn', `discovery: ${why}; the members stay as they are`, { remedy });
      report({ kind: 'failing', why, remedy, lastSuccess });
    },
    wasStable: () => told.clear(),
  };
}
