import { describe, expect, it } from 'vitest';
import type { RecordingHeader } from '../recording/recording.ts';
import { budgetsInForce, readBudget, schemeBudgets } from './budgets.ts';

function budgetsOf(
  scheme: string,
  victims: readonly string[],
  more: Partial<RecordingHeader> = {},
  vipOwner?: string,
  faults: readonly string[] = ['power-off'],
): ReadonlyMap<string, number> {
  const header: RecordingHeader = {
    kind: 'recording',
    format: 1,
    trivet: '0.1.0',
    cluster: 'c',
    scheme,
    drill: 'd',
    fault: 'f',
    machines: [
      { name: 'm1', roles: ['master'] },
      { name: 'l1', roles: ['lb'] },
    ],
    probes: [],
    startedAt: '',
    budgets: {},
    ...more,
  };
  return schemeBudgets(header, { faults, victims, vipOwner });
}

describe('schemeBudgets', () => {
  it.each([
    ['vip-on-masters/none', 'm1', 650],
    ['vip-on-masters/haproxy', 'm1', 900],
    ['external-pair/haproxy', 'm1', 800],
    ['external-pair/haproxy', 'l1', 1000],
    ['local-proxy/haproxy', 'm1', 700],
    ['local-proxy/nginx', 'm1', 1200],
    ['local-care/nft', 'm1', 1000],
    ['external', 'm1', 10_000],
    ['__proto__', 'm1', 10_000],
  ])('%s, %s lost: new connections within %i ms', (scheme, victim, limitMs) => {
    expect(budgetsOf(scheme, [victim]).get('new-connections')).toBe(limitMs);
  });

  it("gives reads and writes etcd's election, which a good LAN makes shorter", () => {
    expect(budgetsOf('vip-on-masters/none', ['m1']).get('writes')).toBe(2000);
    expect(budgetsOf('vip-on-masters/none', ['m1'], { profile: 'good-lan' }).get('writes')).toBe(1000);
  });

  it('bounds the cut of watches only where a haproxy or care survives that can cut them', () => {
    expect(budgetsOf('vip-on-masters/haproxy', ['m1'], {}, 'm2').get('watch-cut')).toBe(1200);
    expect(budgetsOf('vip-on-masters/haproxy', ['m1'], {}, 'm1').get('watch-cut')).toBeUndefined();
    expect(budgetsOf('vip-on-masters/none', ['m1'], {}, 'm2').get('watch-cut')).toBeUndefined();
    expect(budgetsOf('local-proxy/haproxy', ['m1']).get('watch-cut')).toBe(1200);
    expect(budgetsOf('local-care/nft', ['m1']).get('watch-cut')).toBe(1000);
  });
});

describe('schemeBudgets by what was done', () => {
  const of = (fault: string, scheme = 'vip-on-masters/none') => budgetsOf(scheme, ['m1'], {}, undefined, [fault]);

  it('deaf: a holder of the VIP that is heard must go by itself; elsewhere there is none', () => {
    expect(of('machine-deaf', 'vip-on-masters/haproxy').get('new-connections')).toBe(8000);
    expect(of('machine-deaf', 'vip-on-masters/nginx').get('new-connections')).toBe(900);
    expect(of('machine-deaf', 'local-proxy/haproxy').get('new-connections')).toBe(700);
  });

  it('frozen: time alone tells, also of watches', () => {
    expect(of('apiserver-frozen', 'local-care/nft').get('new-connections')).toBe(1500);
    expect(of('apiserver-frozen', 'vip-on-masters/haproxy').get('new-connections')).toBe(1500);
    expect(of('balancer-frozen', 'vip-on-masters/haproxy').get('new-connections')).toBe(4000);
    expect(of('balancer-frozen', 'local-proxy/haproxy').get('new-connections')).toBe(1500);
    expect(of('apiserver-frozen', 'local-care/nft').get('watch-cut')).toBe(1500);
    expect(of('apiserver-killed', 'local-care/nft').get('new-connections')).toBe(1000);
  });

  it('etcd: new connections wait for the election too', () => {
    expect(of('etcd-killed').get('new-connections')).toBe(2000);
  });

  it('etcd: its apiserver lives, so that no balancer must cut a watch; a watch may wait as ever', () => {
    expect(of('etcd-frozen', 'local-care/nft').get('watch-cut')).toBeUndefined();
    expect(of('etcd-frozen', 'local-care/nft').get('watch')).toBe(10_000);
    expect(of('machine-isolated', 'local-care/nft').get('watch-cut')).toBe(1000);
  });

  it.each(['packet-loss', 'packet-delay', 'master-cut-off'])('%s: slow is no failure', (fault) => {
    expect([...of(fault, 'local-care/nft')].filter(([name]) => name !== 'recover' && name !== 'own-delay')).toEqual(
      ['new-connections', 'linearizable-reads', 'writes', 'reused-connection', 'watch', 'kubelet', 'application', 'dns'].map((name) => [
        name,
        10_000,
      ]),
    );
  });

  it.each(['scale', 'rolling-update', 'node-drain'])('%s: no request of the application may fail', (exercise) => {
    expect(of(exercise).get('application-failures')).toBe(0);
    expect(of('self-healing').get('application-failures')).toBeUndefined();
  });
});

describe('budgetsInForce', () => {
  it("takes the command line's before the recording's before the scheme's", () => {
    const scheme = new Map([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    expect(budgetsInForce(scheme, { b: 2, c: 2 }, new Map([['c', 3]]))).toEqual([
      { name: 'a', limitMs: 1, source: 'scheme' },
      { name: 'b', limitMs: 2, source: 'recording' },
      { name: 'c', limitMs: 3, source: 'command line' },
    ]);
  });
});

describe('readBudget', () => {
  it('reads a name, perhaps with a place, and milliseconds', () => {
    expect(readBudget('new-connections=650')).toEqual(['new-connections', 650]);
    expect(readBudget('watch@worker 2=1500.5ms')).toEqual(['watch@worker 2', 1500.5]);
    expect(readBudget('recover=1.5s')).toEqual(['recover', 1500]);
    expect(readBudget('application-failures@w1=0')).toEqual(['application-failures@w1', 0]);
  });

  it.each(['', 'watch', 'watch=', 'watch=fast', '=5', 'watch=-5', 'dns-failures=1ms', 'dns-failures=0.5', 'watch=1e99', 'Watch=5'])(
    'refuses %j',
    (argument) => {
      expect(() => readBudget(argument)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});
