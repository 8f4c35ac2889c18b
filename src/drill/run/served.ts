/** Who is served: told event by event, so that it costs little while a drill runs. */

import type { RecordedEvent } from '../../model/event.ts';
import type { PlannedProbe } from '../recording/recording.ts';

export interface Served {
  readonly take: (event: RecordedEvent) => void;
  /** Of those that have not yet been served for a while: «watch from w1 (ECONNREFUSED)», with what they heard last. */
  readonly notYet: () => readonly string[];
  /** Of these probes (all unless told), those with a client that has not been served since this moment, or failed just before `nowMs`. */
  readonly notSince: (sinceMs: number, nowMs: number, probes?: readonly string[]) => readonly string[];
}

interface Client {
  readonly planned: PlannedProbe;
  served: number;
  /** When the newest success began (of a watch: ended, as a change begins with the change before it). */
  servedMs: number;
  failedMs: number;
  /** Why it failed last. */
  detail: string | undefined;
}

/** Of a kubelet's answers there are two a second. */
const enough = 20;
const enoughPods = 2;
/** Nothing may have failed for so long. */
const quietMs = 2000;

export function servedClients(planned: readonly PlannedProbe[]): Served {
  const clients = new Map<string, Client>();
  const byPlace = new Map(planned.map((one) => [placeOf(one), one]));
  const told = ({ probe, from }: PlannedProbe) => `${probe} from ${from}`;
  const clientsOf = (one: PlannedProbe) => [...clients.values()].filter((client) => client.planned === one);
  return {
    take(event) {
      if (event.kind !== 'probe') return;
      const place = byPlace.get(placeOf(event));
      if (place === undefined) return;
      const key = event.probe === 'watch' ? `${placeOf(event)} ${(event.detail ?? '').split(' ')[0]}` : placeOf(event);
      const client = clients.get(key) ?? {
        planned: place,
        served: 0,
        servedMs: Number.NEGATIVE_INFINITY,
        failedMs: Number.NEGATIVE_INFINITY,
        detail: undefined,
      };
      clients.set(key, client);
      if (event.ok) {
        client.served += 1;
        client.servedMs = Math.max(client.servedMs, event.probe === 'watch' ? event.endedMs : event.startedMs);
      } else {
        client.failedMs = Math.max(client.failedMs, event.endedMs);
        client.detail = event.detail;
      }
    },
    notYet() {
      return planned
        .filter((one) => clientsOf(one).reduce((sum, { served }) => sum + served, 0) < (one.probe === 'kubelet' ? enoughPods : enough))
        .map((one) => {
          const heard = clientsOf(one);
          const detail = heard.length === 0 ? 'no attempt has ended' : heard.find((client) => client.detail !== undefined)?.detail;
          return detail === undefined ? told(one) : `${told(one)} (${detail})`;
        });
    },
    notSince(sinceMs, nowMs, probes) {
      return planned
        .filter((one) => {
          if (probes?.includes(one.probe) === false) return false;
          const own = clientsOf(one);
          return (
            own.length === 0 ||
            own.some(({ servedMs, failedMs }) => {
              const fromMs = Math.max(sinceMs, failedMs);
              return servedMs < fromMs || nowMs - fromMs < quietMs;
            })
          );
        })
        .map(told);
    },
  };
}

function placeOf({ probe, from }: { readonly probe: string; readonly from: string }): string {
  return `${probe}\n${from}`;
}
