import { expect, test } from 'vitest';
import type { BundleManifest } from '../model/bundle.ts';
import { isInside, parseManifest } from './parse-manifest.ts';
import { sampleManifest } from './sample-bundle.ts';

const problems = (value: unknown) => {
  const parsed = parseManifest(typeof value === 'string' ? value : JSON.stringify(value));
  return 'problems' in parsed ? parsed.problems : [];
};

const withFile = (index: number, change: object): BundleManifest => ({
  ...sampleManifest(),
  files: sampleManifest().files.map((file, at) => (at === index ? { ...file, ...change } : file)),
});

test('parseManifest returns a whole manifest as it is', () => {
  expect(parseManifest(JSON.stringify(sampleManifest()))).toEqual({ manifest: sampleManifest() });
});

test.each([
  ['text that is not JSON', '{', ['manifest.json: not JSON']],
  ['another format', { ...sampleManifest(), formatVersion: 2 }, ['manifest.json: formatVersion']],
  ['an unknown key', { ...sampleManifest(), comment: 'x' }, ['comment']],
  ['a digest of the wrong length', withFile(0, { sha256: 'abc' }), ['files.0.sha256']],
  ['a negative size', withFile(0, { bytes: -1 }), ['files.0.bytes']],
  ['a path that leaves the bundle', withFile(0, { path: '../kube' }), ['files.0.path: must be a relative path inside the bundle']],
  ['a path listed twice', withFile(1, { path: 'binaries/kube' }), ['binaries/kube: listed twice']],
  ['no kubelet', withFile(0, { names: ['kubeadm', 'kubectl'] }), ['binary kubelet: not in the bundle']],
  ['another pause image', { ...sampleManifest(), pauseImage: 'other/pause:1' }, ['image other/pause:1: not in the bundle']],
  [
    'images of another version',
    { ...sampleManifest(), kubernetesVersion: 'v1.34.2' },
    ['kube-apiserver:v1.34.2', 'kube-controller-manager:v1.34.2', 'kube-scheduler:v1.34.2', 'kube-proxy:v1.34.2'],
  ],
])('parseManifest finds %s', (_, value, expected) => {
  const found = problems(value);
  expect(found).toHaveLength(expected.length);
  for (const [index, part] of expected.entries()) expect(found[index]).toContain(part);
});

test.each(['/etc/passwd', '../x', 'a/../b', 'a//b', './a', 'a/', '', 'a\0b', 'a\nb', 'a\\b'])('isInside refuses %j', (path) => {
  expect(isInside(path)).toBe(false);
});

test.each(['manifest.json', 'images/cluster.tar', 'packages/trixie/a_1~b+c-1_amd64.deb', 'a..b'])('isInside takes %j', (path) => {
  expect(isInside(path)).toBe(true);
});
