/** trivet endpoint check: what counts as good, and how it reads. */

import { describe, expect, test } from 'vitest';
import { bind, clusterFile, specOf } from '../../test/fake-machine/rehearsal.ts';
import { masters, nodes } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';
import { type EndpointGathered, endpointReport, endpointText } from './endpoint-report.ts';

const cluster = bind(specOf(clusterFile({ masters: 3, workers: 1 }).replace('  hosts:', '  scheme: external\n  hosts:')), undefined);
const digests: Readonly<Record<string, string>> = { m1: '1'.repeat(64), m2: '2'.repeat(64), m3: '3'.repeat(64) };

function gathered(met: readonly string[], more: Partial<EndpointGathered> = {}): EndpointGathered {
  const certificates = new Map(met.map((name) => [digests[name] ?? 'f'.repeat(64), 3]));
  return {
    seen: nodes(cluster).map((host) => ({ host, seen: { outcome: 'open', tries: 3 * met.length, certificates } })),
    built: masters(cluster).map((host) => ({
      host,
      built: {
        scheme: 'external',
        server: undefined,
        bindAddress: undefined,
        certificate: { sha256: digests[host.name] ?? '', names: ['apiserver.cluster.local', '192.0.2.100'] },
        serves: true,
      },
    })),
    idle: undefined,
    ...more,
  };
}

describe('endpointReport', () => {
  test('every master answers, and an idle watch lives', () => {
    const idle = { from: 'w1', asked: 60, seconds: 60, outcome: 'survived' } as const;
    const report = endpointReport(cluster, gathered(['m1', 'm2', 'm3'], { idle }));
    expect(report).toMatchObject({ good: true, problems: [], warnings: [] });
    expect(endpointText(report)).toContain('from w1: 9 new connections answered by m1 3, m2 3, m3 3');
    expect(endpointText(report)).toContain('an idle watch from w1 lived for all of 60 s');
  });

  test('a master that is never met, a stranger who is', () => {
    expect(endpointReport(cluster, gathered(['m1', 'm2'])).problems).toEqual([expect.stringContaining('never led to m3')]);
    const report = endpointReport(cluster, gathered(['m1', 'm2', 'm3', 'stranger']));
    expect(report.good).toBe(false);
    expect(report.nodes[0]?.answers).toEqual({ m1: 3, m2: 3, m3: 3, unknown: 3 });
  });

  test('an idle watch that is cut, or forgotten', () => {
    const cut = { from: 'w1', asked: 60, seconds: 30, outcome: 'ended' } as const;
    expect(endpointReport(cluster, gathered(['m1', 'm2', 'm3'], { idle: cut })).problems).toEqual([
      expect.stringContaining('ended after 30 s of 60 s'),
    ]);
    const forgotten = { ...cut, seconds: 75, outcome: 'silent' } as const;
    expect(endpointReport(cluster, gathered(['m1', 'm2', 'm3'], { idle: forgotten })).good).toBe(false);
  });

  test('a machine that cannot be asked is a warning, and its certificate nobody’s duty', () => {
    const down = new Failure('CONNECTION_REFUSED', 'nothing answers there');
    const some = gathered(['m2', 'm3']);
    const report = endpointReport(cluster, {
      ...some,
      seen: some.seen.map((each) => (each.host.name === 'm1' ? { ...each, seen: down } : each)),
      built: some.built.map((each) => (each.host.name === 'm1' ? { ...each, built: down } : each)),
    });
    expect(report).toMatchObject({ good: true, warnings: ['m1 cannot be asked: nothing answers there'] });
  });

  test('a certificate that lacks the endpoint’s address', () => {
    const some = gathered(['m1', 'm2', 'm3']);
    const built = some.built.map(({ host, built: each }) => ({
      host,
      built:
        each instanceof Failure ? each : { ...each, certificate: { sha256: digests[host.name] ?? '', names: ['apiserver.cluster.local'] } },
    }));
    expect(endpointReport(cluster, { ...some, built }).problems).toEqual(
      ['m1', 'm2', 'm3'].map((name) => `${name}: its apiserver's certificate is not made out for 192.0.2.100`),
    );
  });
});
