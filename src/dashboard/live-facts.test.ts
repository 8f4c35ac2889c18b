import { describe, expect, it } from 'vitest';
import { simulatedStatus } from '../../test/browser/simulated-cluster.ts';
import { liveFacts } from './live-facts.ts';

describe('liveFacts', () => {
  it('what a drill says goes before an older look, and after a younger one', () => {
    const facts = liveFacts();
    facts.take({ kind: 'vip', atMs: 1, owner: 'm2' }, 1000);
    expect(facts.over(simulatedStatus(), 900).endpoint.holders).toEqual(['m2']);
    expect(facts.over(simulatedStatus(), 1100).endpoint.holders).toEqual(['m1']);
  });

  it('what comes late changes nothing newer', () => {
    const facts = liveFacts();
    facts.take({ kind: 'vip', atMs: 9, owner: 'm2' }, 1000);
    facts.take({ kind: 'vip', atMs: 1, owner: 'm1' }, 992);
    expect(facts.over(simulatedStatus(), 900).endpoint.holders).toEqual(['m2']);
  });

  it('of one thing the last word counts', () => {
    const facts = liveFacts();
    facts.take({ kind: 'vip', atMs: 1, owner: undefined }, 1000);
    expect(facts.over(simulatedStatus(), 900).endpoint.holders).toEqual([]);
    facts.take({ kind: 'vip', atMs: 2, owner: 'm3', owners: ['m3', 'm1'] }, 1001);
    expect(facts.over(simulatedStatus(), 900).endpoint.holders).toEqual(['m3', 'm1']);
  });

  it('knows leaders, members, backends and nodes; what it does not know it leaves alone', () => {
    const facts = liveFacts();
    facts.take({ kind: 'leader', atMs: 1, of: 'etcd', holder: 'm3' }, 1000);
    facts.take({ kind: 'leader', atMs: 1, of: 'kube-scheduler', holder: undefined }, 1000);
    facts.take({ kind: 'member', atMs: 1, member: 'm2', state: 'unhealthy' }, 1000);
    facts.take({ kind: 'backend', atMs: 1, on: 'm1', backend: 'm2', state: 'DOWN' }, 1000);
    facts.take({ kind: 'node', atMs: 1, node: 'w1', condition: 'Ready', status: 'Unknown' }, 1000);
    facts.take({ kind: 'node', atMs: 1, node: 'nobody', condition: 'Ready', status: 'Unknown' }, 1000);
    const status = facts.over(simulatedStatus(), 900);
    expect(status.etcd).toMatchObject({ healthy: 2, spare: 0 });
    expect(status.etcd.members.map(({ leader }) => leader)).toEqual([false, false, true]);
    expect(status.leaders[1]).toMatchObject({ holder: undefined, current: false });
    expect(status.machines[0]?.backends?.[1]?.state).toBe('DOWN');
    expect(status.machines.map(({ node }) => node)).toEqual(['Ready', 'Ready', 'Ready', 'NotReady']);
  });
});
