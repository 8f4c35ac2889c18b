import { expect, test } from 'vitest';
import type { Cluster } from '../../../model/cluster.ts';
import { healthy, healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Surveyed } from '../survey.ts';
import { programs } from './programs.ts';

function withBundle(release: string, names: readonly string[] = ['runc', 'keepalived']): Cluster {
  const files = names.map((name) => ({
    part: 'package' as const,
    path: `${name}.deb`,
    sha256: '',
    bytes: 1,
    package: { name, version: '1', release, needs: [] },
  }));
  const manifest = {
    formatVersion: 1 as const,
    kubernetesVersion: 'v1.34.4',
    architecture: 'amd64' as const,
    etcdVersion: '',
    pauseImage: '',
    files,
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

test('programs: what the scheme needs and an old bundle lacks is an error with the packages’ names', () => {
  expect(programs(healthySurvey({ m1: having('m1', ['containerd', 'runc']) }, withBundle('trixie', ['runc'])))).toMatchObject([
    {
      host: 'm1',
      message: 'keepalived: not installed, and not in the bundle',
      remedy: expect.stringContaining('apt-get install keepalived'),
    },
  ]);
});

test('programs: the balancer’s packages by their programs, nginx with its module for TCP', () => {
  const scheme = { ...testCluster.scheme, packages: () => ['haproxy', 'socat', 'nginx-light', 'libnginx-mod-stream', 'ipvsadm'] };
  const found = programs(
    healthySurvey({ w1: having('w1', ['containerd', 'runc', 'kubelet', 'kubeadm', 'nginx', 'socat']) }, { ...testCluster, scheme }),
  );
  expect(found.find(({ host }) => host === 'w1')).toMatchObject({
    message: 'haproxy, libnginx-mod-stream, ipvsadm: not installed, and the cluster file names no bundle',
    remedy: expect.stringContaining('apt-get install haproxy libnginx-mod-stream ipvsadm'),
  });
});
