import { describe, expect, test } from 'vitest';
import type { EndpointSeen } from '../../../facts/machine/endpoint-seen.ts';
import type { Cluster } from '../../../model/cluster.ts';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import { enoughTries } from '../judge-endpoint.ts';
import { externalEndpoint } from './external-endpoint.ts';

const cluster: Cluster = { ...testCluster, scheme: { ...testCluster.scheme, name: 'external', variant: 'external', vipHosts: () => [] } };
const digests: Readonly<Record<string, string>> = { m1: '1'.repeat(64), m2: '2'.repeat(64), m3: '3'.repeat(64) };
const nobody: EndpointSeen = { outcome: 'refused', tries: 0, certificates: new Map() };

/** Every machine meets the same; these masters serve. */
function survey(endpoint: EndpointSeen, serving: readonly string[], on: Cluster = cluster) {
  return healthySurvey(
    Object.fromEntries(
      on.hosts.map(({ name }) => [
        name,
        {
          endpoint,
          built: {
            scheme: undefined,
            server: undefined,
            bindAddress: undefined,
            certificate: serving.includes(name) ? { sha256: digests[name] ?? '', names: [] } : undefined,
            serves: serving.includes(name),
          },
        },
      ]),
    ),
    on,
  );
}

const met = (...masters: readonly string[]): EndpointSeen => ({
  outcome: 'open',
  tries: masters.length,
  certificates: new Map(masters.map((name) => [digests[name] ?? 'f'.repeat(64), 1])),
});

describe('externalEndpoint', () => {
  test('before there is a cluster it may refuse, or take connections and drop them, but not stay silent', () => {
    expect(externalEndpoint(survey(nobody, []))).toEqual([]);
    expect(externalEndpoint(survey({ ...met(), tries: 4 }, []))).toEqual([]);
    const findings = externalEndpoint(survey({ ...nobody, outcome: 'silent' }, []));
    expect(findings).toHaveLength(4);
    expect(findings[0]).toMatchObject({
      severity: 'error',
      host: 'm1',
      check: 'endpoint',
      message: expect.stringContaining('does not answer'),
    });
  });

  test('before there is a cluster, whoever answers with a certificate is somebody else', () => {
    expect(externalEndpoint(survey(met('stranger'), []))).toMatchObject([
      {},
      {},
      {},
      { message: expect.stringContaining('no master of this cluster has') },
    ]);
  });

  test('it leads to every master that serves', () => {
    expect(externalEndpoint(survey(met('m1', 'm2', 'm3'), ['m1', 'm2', 'm3']))).toEqual([]);
    expect(externalEndpoint(survey(met('m1'), ['m1']))).toEqual([]);
    expect(externalEndpoint(survey(met('m1', 'm2'), ['m1', 'm2', 'm3']))).toMatchObject([
      { severity: 'error', message: 'the endpoint 192.0.2.100:6443 never led to m3 in 8 connections from 4 machines, though it serves' },
    ]);
  });

  test('a refusal, or a connection that is dropped, while masters serve', () => {
    for (const seen of [nobody, { ...met(), tries: 4 }]) expect(externalEndpoint(survey(seen, ['m1']))).toHaveLength(4);
  });

  test('connections that fail now and then are a warning', () => {
    const findings = externalEndpoint(survey({ ...met('m1', 'm2', 'm3'), tries: 4 }, ['m1', 'm2', 'm3']));
    expect(findings[0]).toMatchObject({ severity: 'warning', message: '1 of 4 new connections to the endpoint failed' });
  });

  test('where connections failed, a master that was not met is a warning too: it may be among them', () => {
    const findings = externalEndpoint(survey({ ...met('m1', 'm2'), tries: 4 }, ['m1', 'm2', 'm3']));
    expect(findings.map(({ severity }) => severity)).toEqual(findings.map(() => 'warning'));
    expect(findings[0]?.message).toContain('never led to m3');
  });

  test('ignorePreflightErrors: ExternalEndpoint makes it a warning; another scheme is not asked', () => {
    const ignoring = { ...cluster, kubernetes: { ...cluster.kubernetes, ignorePreflightErrors: ['ExternalEndpoint'] } };
    expect(externalEndpoint(survey(met('m1'), ['m1', 'm2'], ignoring))).toMatchObject([{ severity: 'warning' }]);
    expect(externalEndpoint(survey({ ...nobody, outcome: 'silent' }, [], testCluster))).toEqual([]);
  });
});

test('enoughTries: three masters seen by chance from four nodes', () => {
  // One in a million: 3 · (2/3)^37.
  expect(enoughTries(cluster)).toBe(10);
  expect(3 * (2 / 3) ** (4 * enoughTries(cluster))).toBeLessThan(1e-6);
});
