import { expect, test } from 'vitest';
import type { Cluster } from '../../../model/cluster.ts';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Surveyed } from '../survey.ts';
import { programs } from './programs.ts';

function withBundle(release: string): Cluster {
  const file = {
    part: 'package' as const,
    path: 'x.deb',
    sha256: '',
    bytes: 1,
    package: { name: 'runc', version: '1', release, needs: [] },
  };
  const manifest = {
    formatVersion: 1 as const,
    kubernetesVersion: 'v1.34.4',
    architecture: 'amd64' as const,
    etcdVersion: '',
    pauseImage: '',
    files: [file],
  };
  return { ...testCluster, openBundle: { directory: '/bundle', manifest, packageArchives: [] } };
}

function having(name: string, found: readonly string[]): Partial<Surveyed> {
  const host = testCluster.hosts.find((each) => each.name === name);
  return host === undefined ? {} : { identity: { ...healthy(host).identity, programs: new Set(found) } };
}

test('programs: nothing when all are installed and there is no bundle', () => {
  expect(programs(healthySurvey())).toEqual([]);
});

test('programs: nothing on an empty machine whose release the bundle has', () => {
  expect(programs(healthySurvey({ m1: having('m1', []) }, withBundle('trixie')))).toEqual([]);
});

test('programs: an empty machine of a release that the bundle lacks is an error', () => {
  expect(programs(healthySurvey({ m1: having('m1', ['runc']) }, withBundle('bookworm')))).toMatchObject([
    { severity: 'error', host: 'm1', message: expect.stringMatching(/^containerd, keepalived: .*bookworm\)$/) },
  ]);
});

test('programs: without a bundle the kubelet must be there too, keepalived on masters only', () => {
  expect(programs(healthySurvey({ w1: having('w1', ['containerd', 'runc']) }))).toMatchObject([
    { host: 'w1', message: expect.stringMatching(/^kubelet, kubeadm: /) },
  ]);
});
