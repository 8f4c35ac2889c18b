/** Nodes' conditions and the leaders' leases, from what the API answers again and again: only changes are told. Pure. */

import { z } from 'zod';
import type { RecordedEvent } from '../../model/event.ts';

export interface ApiStates {
  /** Of GET /api/v1/nodes. */
  readonly nodes: (answer: unknown, atMs: number) => readonly RecordedEvent[];
  /** Of the list of kube-system's leases. */
  readonly leases: (answer: unknown, atMs: number) => readonly RecordedEvent[];
}

const versionSchema = z.object({ metadata: z.object({ resourceVersion: z.coerce.number() }) });
const nodesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z
        .object({ conditions: z.array(z.object({ type: z.string(), status: z.enum(['True', 'False', 'Unknown']) })).optional() })
        .optional(),
    }),
  ),
});
const leasesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z
        .object({ holderIdentity: z.string().nullish(), renewTime: z.string().nullish(), leaseDurationSeconds: z.number().nullish() })
        .optional(),
    }),
  ),
});

const leaders = ['kube-controller-manager', 'kube-scheduler'];

/** Answers come from several apiservers' memories: one that is older than an earlier answer is passed over. */
export function apiStates(): ApiStates {
  const told = new Map<string, string>();
  const newest = { nodes: 0, leases: 0 };
  /** By lease: when it was seen renewed, and until when that is good. */
  const renewed = new Map<string, { readonly time: string; readonly seenMs: number }>();

  function changed(key: string, value: string): boolean {
    const same = told.get(key) === value;
    told.set(key, value);
    return !same;
  }

  function outdated(of: 'nodes' | 'leases', answer: unknown): boolean {
    const version = versionSchema.safeParse(answer).data?.metadata.resourceVersion ?? 0;
    if (version < newest[of]) return true;
    newest[of] = version;
    return false;
  }

  return {
    nodes(answer, atMs) {
      const list = nodesSchema.safeParse(answer).data;
      if (list === undefined || outdated('nodes', answer)) return [];
      return list.items.flatMap(({ metadata: { name: node }, status: { conditions = [] } = {} }) =>
        conditions
          .filter(({ type }) => type !== 'NetworkUnavailable')
          .flatMap(({ type: condition, status }): RecordedEvent[] =>
            changed(`${node} ${condition}`, status) ? [{ kind: 'node', atMs, node, condition, status }] : [],
          ),
      );
    },
    leases(answer, atMs) {
      const list = leasesSchema.safeParse(answer).data;
      if (list === undefined || outdated('leases', answer)) return [];
      return leaders.flatMap((of): RecordedEvent[] => {
        const spec = list.items.find(({ metadata }) => metadata.name === of)?.spec;
        const time = spec?.renewTime ?? '';
        // By this machine's clock alone: the cluster's may be wrong.
        if (renewed.get(of)?.time !== time) renewed.set(of, { time, seenMs: atMs });
        const idleMs = atMs - (renewed.get(of)?.seenMs ?? atMs);
        const holder = idleMs > (spec?.leaseDurationSeconds ?? 15) * 1000 ? undefined : holderOf(spec?.holderIdentity);
        return changed(of, holder ?? '') ? [{ kind: 'leader', atMs, of, holder }] : [];
      });
    },
  };
}

/** m1_7a0c…: client-go puts a UUID behind the host's name. A leader that gives up leaves an empty name. */
function holderOf(identity: string | null | undefined): string | undefined {
  const name = (identity ?? '').replace(/_[^_]*$/, '');
  return name === '' ? undefined : name;
}
