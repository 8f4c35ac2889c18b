import { expect, it } from 'vitest';
import { fakeCluster, fakeStatus, powerOff } from '../../test/fake-drill/fake-drill.ts';
import { Failure } from '../model/failure.ts';
import { here, listText } from './drill-list.ts';

const surroundings = { cluster: fakeCluster, connect: () => Promise.reject(new Error('not asked')), power: undefined };
const possible = { whyNotPossible: async () => undefined };

it('here: on whom a drill would act and why, with the quorum; or the reason against it', async () => {
  expect(await here(powerOff(), fakeStatus(), surroundings, possible)).toMatchObject({
    available: true,
    victims: ['m1'],
    because: 'holds the VIP',
  });
  const notHere = powerOff({ choose: () => ({ notHere: 'there is no VIP' }) });
  expect(await here(notHere, fakeStatus(), surroundings, possible)).toEqual({ available: false, reason: 'there is no VIP' });
  const noSwitch = { whyNotPossible: async () => 'there is no power switch' };
  expect(await here(powerOff(), fakeStatus(), surroundings, noSwitch)).toEqual({
    available: false,
    reason: 'm1: there is no power switch',
  });
  const noRoot = { whyNotPossible: () => Promise.reject(new Failure('SUDO', 'the user may not become root')) };
  expect(await here(powerOff(), fakeStatus(), surroundings, noRoot)).toEqual({
    available: false,
    reason: 'm1: the user may not become root',
  });
});

it('here: a drill that would cost the quorum without being meant to is not there', async () => {
  const two = powerOff({ choose: ({ cluster }) => ({ victims: cluster.hosts.slice(0, 2), because: 'are two' }) });
  expect(await here(two, fakeStatus(), surroundings, possible)).toMatchObject({
    available: false,
    reason: expect.stringContaining('1 of 3 would remain'),
  });
});

it('listText: by group, with what is known of this cluster below each', () => {
  const one = { name: 'vip-drift', group: 'endpoint', summary: 'the VIP moves', expects: 'service', holdSeconds: 10 } as const;
  const two = { ...one, name: 'two-masters-down', group: 'quorum', summary: 'two are off', expects: 'no-writes' } as const;
  expect(listText([{ ...one, here: { available: true, victims: ['m1'], because: 'holds the VIP' } }, two])).toBe(`endpoint
  vip-drift         the VIP moves
                    here: m1, because it holds the VIP
quorum
  two-masters-down  two are off
                    stops all writes on purpose: wants --i-mean-it
`);
});
