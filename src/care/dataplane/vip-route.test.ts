import { expect, test } from 'vitest';
import { parseCarriers } from './vip-address.ts';
import { loopedRoute, parseRoute } from './vip-route.ts';

test('parseRoute: device and source of `ip -j route get`', () => {
  expect(parseRoute('[{"dst":"192.0.2.12","dev":"eth0","prefsrc":"192.0.2.11","flags":[],"uid":0,"cache":[]}]')).toEqual({
    device: 'eth0',
    source: '192.0.2.11',
    type: 'unicast',
  });
  expect(parseRoute('[{"type":"local","dst":"192.0.2.11","dev":"lo","prefsrc":"192.0.2.11","flags":[],"cache":["local"]}]')).toEqual({
    device: 'lo',
    source: '192.0.2.11',
    type: 'local',
  });
  expect(parseRoute('[]')).toBeUndefined();
  expect(parseRoute('rubbish')).toBeUndefined();
});

test('loopedRoute: by lo with the same source; local for IPv6 only', () => {
  const route = { device: 'eth0', nodeIp: '192.0.2.11', type: 'unicast' } as const;
  expect(loopedRoute(route, 4)).toEqual({ device: 'lo', nodeIp: '192.0.2.11', type: 'unicast' });
  expect(loopedRoute({ ...route, nodeIp: '2001:db8::11' }, 6)).toEqual({ device: 'lo', nodeIp: '2001:db8::11', type: 'local' });
});

test('parseCarriers: every interface with that address', () => {
  const output = `[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1"},{"local":"10.103.97.2","prefixlen":32}]},
    {"ifname":"eth0","addr_info":[{"local":"192.0.2.11"}]},{},{"ifname":"x","addr_info":[{"local":"10.103.97.2"}]}]`;
  expect(parseCarriers(output, '10.103.97.2')).toEqual(['lo', 'x']);
  expect(parseCarriers('', '10.103.97.2')).toEqual([]);
});
