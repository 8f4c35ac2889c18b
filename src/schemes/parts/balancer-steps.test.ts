/** What changes on a machine when its balancer changes. */

import { describe, expect, test } from 'vitest';
import { fakeHost } from '../../../test/fake-machine/fake-machine.ts';
import type { Step } from '../../model/step.ts';
import { balancerSteps, noBalancerSteps } from './balancer-steps.ts';

const host = fakeHost('m1');
const input = {
  listenAddress: '0.0.0.0',
  listenPort: 8443,
  backends: [{ name: 'm1', address: '192.0.2.11', port: 6443 }],
  balancers: 1,
};
const removed = (steps: readonly Step[]) => steps.flatMap(({ action }) => (action.kind === 'remove' ? [action.path] : []));
const restarting = (steps: readonly Step[]) =>
  steps.flatMap(({ action }) => (action.kind === 'file' && action.restarts !== undefined ? [action.path] : []));

describe('balancerSteps', () => {
  test.each([
    ['haproxy', '/etc/trivet/balancer/nginx.conf'],
    ['nginx', '/etc/trivet/balancer/haproxy.cfg'],
  ] as const)('%s: its unit restarts for itself alone, not for its configuration; %s of the other goes', (proxy, other) => {
    const steps = balancerSteps(host, proxy, input);
    expect(restarting(steps)).toEqual(['/etc/systemd/system/trivet-balancer.service']);
    expect(removed(steps)).toEqual([other]);
  });
});

test('noBalancerSteps: what may be there from another scheme is stopped before its files go', () => {
  const steps = noBalancerSteps(host);
  expect(steps[0]?.action).toEqual({ kind: 'service', unit: 'trivet-balancer.service', enabled: false, active: false });
  expect(removed(steps)).toEqual([
    '/etc/systemd/system/trivet-balancer.service',
    '/etc/trivet/balancer/haproxy.cfg',
    '/etc/trivet/balancer/nginx.conf',
  ]);
});
