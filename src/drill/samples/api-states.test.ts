import { describe, expect, it } from 'vitest';
import { apiStates } from './api-states.ts';

function nodes(version: number, ready: Readonly<Record<string, string>>): unknown {
  const items = Object.entries(ready).map(([name, status]) => ({
    metadata: { name },
    status: {
      conditions: [
        { type: 'Ready', status },
        { type: 'NetworkUnavailable', status: 'False' },
      ],
    },
  }));
  return { metadata: { resourceVersion: String(version) }, items };
}

function leases(version: number, holder: string, renewTime: string): unknown {
  const lease = (name: string) => ({ metadata: { name }, spec: { holderIdentity: `${holder}_7a0c`, renewTime, leaseDurationSeconds: 15 } });
  return { metadata: { resourceVersion: String(version) }, items: ['kube-controller-manager', 'kube-scheduler', 'apiserver-x'].map(lease) };
}

describe('apiStates', () => {
  it('nodes: each condition once, then its changes', () => {
    const { nodes: told } = apiStates();
    expect(told(nodes(5, { m1: 'True', m2: 'True' }), 100)).toEqual([
      { kind: 'node', atMs: 100, node: 'm1', condition: 'Ready', status: 'True' },
      { kind: 'node', atMs: 100, node: 'm2', condition: 'Ready', status: 'True' },
    ]);
    expect(told(nodes(6, { m1: 'True', m2: 'True' }), 200)).toEqual([]);
    expect(told(nodes(7, { m1: 'Unknown', m2: 'True' }), 300)).toMatchObject([{ atMs: 300, node: 'm1', status: 'Unknown' }]);
  });

  it('nodes: an apiserver whose memory is older than what was told already says nothing', () => {
    const { nodes: told } = apiStates();
    told(nodes(7, { m1: 'Unknown' }), 100);
    expect(told(nodes(5, { m1: 'True' }), 200)).toEqual([]);
    expect(told(nodes(8, { m1: 'True' }), 300)).toHaveLength(1);
  });

  it('leases: the holder, nobody when it is not renewed for its duration, the next holder', () => {
    const { leases: told } = apiStates();
    expect(told(leases(1, 'm1', 'a'), 0)).toEqual([
      { kind: 'leader', atMs: 0, of: 'kube-controller-manager', holder: 'm1' },
      { kind: 'leader', atMs: 0, of: 'kube-scheduler', holder: 'm1' },
    ]);
    expect(told(leases(2, 'm1', 'b'), 2000)).toEqual([]);
    expect(told(leases(2, 'm1', 'b'), 16_900)).toEqual([]);
    expect(told(leases(2, 'm1', 'b'), 17_100)).toMatchObject([{ holder: undefined }, { holder: undefined }]);
    expect(told(leases(3, 'm2', 'c'), 18_000)).toMatchObject([{ holder: 'm2' }, { holder: 'm2' }]);
  });

  it('what is no list says nothing', () => {
    const { nodes: told } = apiStates();
    expect(told({ kind: 'Status', message: 'etcdserver: no leader' }, 1)).toEqual([]);
  });
});
