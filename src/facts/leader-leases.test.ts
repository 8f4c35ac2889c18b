import { expect, test } from 'vitest';
import { leaderLeases, parseLeases } from './leader-leases.ts';

/** Captured on a lab's master with Kubernetes 1.34.4; the second lease as a scheduler leaves it that gives up its lead. */
const captured = `1795257621.490
{"apiVersion":"v1","kind":"List","items":[
{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"kube-scheduler","namespace":"kube-system","resourceVersion":"714"},
"spec":{"acquireTime":"2026-11-21T10:39:25.206359Z","holderIdentity":"","leaseDurationSeconds":1,"leaseTransitions":1,"renewTime":"2026-11-21T10:40:01.490000Z"}},
{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"kube-controller-manager","namespace":"kube-system"},
"spec":{"acquireTime":"2026-11-21T10:39:25.206359Z","holderIdentity":"m1_808acccd-a943-41ca-9a7c-99635be7a398","leaseDurationSeconds":15,"leaseTransitions":0,"renewTime":"2026-11-21T10:40:20.490000Z"}}]}
`;

test('parseLeases: the machine that leads, since when, and how fresh its lease is', () => {
  expect(parseLeases(captured)).toEqual([
    {
      of: 'kube-controller-manager',
      holder: 'm1',
      since: '2026-11-21T10:39:25.206359Z',
      renewedSecondsAgo: 1,
      current: true,
      transitions: 0,
    },
    {
      of: 'kube-scheduler',
      holder: undefined,
      since: '2026-11-21T10:39:25.206359Z',
      renewedSecondsAgo: 20,
      current: false,
      transitions: 1,
    },
  ]);
});

test('parseLeases: leases that are not there yet have no holder', () => {
  expect(parseLeases('1795257621.5\n').map(({ of, holder, current }) => [of, holder, current])).toEqual([
    ['kube-controller-manager', undefined, false],
    ['kube-scheduler', undefined, false],
  ]);
});

test('leaderLeases: empty when the API does not answer', () => {
  expect(leaderLeases.parse({ code: 1, stdout: '1795257621.5\n', stderr: 'refused' })).toEqual([]);
});
