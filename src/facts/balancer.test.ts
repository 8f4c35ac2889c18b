/** What haproxy 3.0 of Debian 13 printed, cut to some of its columns. */

import { expect, test } from 'vitest';
import { balancerHealth } from './balancer.ts';

const parse = (stdout: string) => balancerHealth.parse({ code: 0, stdout, stderr: '' });

test('balancerHealth: each backend with its state and since when, by the names of the columns', () => {
  const stdout = `unit active
# pxname,svname,qcur,status,weight,lastchg,downtime,check_status,check_code,check_duration,
apiservers,m1,0,UP,1,279,0,L7OK,200,52,
apiservers,m2,0,DOWN 1/3,1,12,12,* L4TOUT,,251,
apiservers,m3,0,UP 2/3,1,3,0,,,,

`;
  expect(parse(stdout)).toEqual({
    unit: 'active',
    backends: [
      { name: 'm1', state: 'UP', sinceSeconds: 279, lastCheck: 'L7OK/200' },
      { name: 'm2', state: 'DOWN', sinceSeconds: 12, lastCheck: 'L4TOUT' },
      { name: 'm3', state: 'UP', sinceSeconds: 3, lastCheck: '' },
    ],
  });
});

test('balancerHealth: nginx, a dead haproxy and a machine without a balancer tell their unit alone', () => {
  expect(parse('unit active\n')).toEqual({ unit: 'active', backends: undefined });
  expect(parse('unit failed\nConnection refused\n')).toEqual({ unit: 'failed', backends: undefined });
  expect(parse('unit inactive\n')).toEqual({ unit: 'inactive', backends: undefined });
});
