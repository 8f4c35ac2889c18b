import { expect, it } from 'vitest';
import { Secret } from '../../model/secret.ts';
import { survivorsFirst } from './survivors-first.ts';

it('survivorsFirst: the victims’ apiservers are asked last, the others in their order', () => {
  const servers = ['https://192.0.2.11:6443', 'https://192.0.2.12:6443', 'https://[2001:db8::3]:6443', 'https://192.0.2.14:6443'];
  const access = { servers, ca: '', cert: '', key: new Secret('') };
  const victims = [
    { address: '203.0.113.1', internalAddress: '192.0.2.11' },
    { address: '2001:db8::3', internalAddress: '192.0.2.13' },
  ];
  expect(survivorsFirst(access, victims).servers).toEqual([servers[1], servers[3], servers[0], servers[2]]);
  expect(survivorsFirst(access, []).servers).toEqual(servers);
});
