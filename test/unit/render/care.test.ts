/** The systemd unit and the static pod of trivet care, and their flags' reference, as reviewed. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { careHelp, careReference } from '../../../src/cli/care/help-text.ts';
import { packageRoot } from '../../../src/local/package-root.ts';
import { careStaticPod } from '../../../src/render/care-static-pod.ts';
import { careUnit } from '../../../src/render/care-unit.ts';
import { expectGolden } from '../../contract/golden-file.ts';

const words = ['--vs=10.103.97.2:6443', '--rs=192.168.0.2:6443', '--rs=192.168.0.3:6443'];
const backends = ['nft', 'ipvs', 'proxy'] as const;

describe.each(backends)('with %s', (backend) => {
  test('careUnit is as reviewed', () => {
    expectGolden(`care/${backend}/trivet-care.service`, careUnit({ backend, arguments: [...words, `--backend=${backend}`] }));
  });

  test('careStaticPod is as reviewed, and YAML with the mounts that it names', () => {
    const text = careStaticPod({
      backend,
      arguments: [...words, `--backend=${backend}`, '--discover=true'],
      image: 'trivet.local/care:v0.1.0',
      files: ['/etc/kubernetes/pki/ca.crt', '/etc/kubernetes/kubelet.conf'],
      directories: ['/var/lib/kubelet/pki'],
      writes: ['/var/lib/trivet-care', '/run/trivet-care'],
    });
    expectGolden(`care/${backend}/trivet-care.yaml`, text);
    const { spec } = parse(text);
    expect(spec.containers[0].volumeMounts.map((mount: { name: string }) => mount.name)).toEqual(
      spec.volumes.map((volume: { name: string }) => volume.name),
    );
    expect(spec.containers[0].securityContext.capabilities.drop).toEqual(['ALL']);
  });
});

test('careUnit takes words literally that systemd would read otherwise', () => {
  const unit = careUnit({
    backend: 'nft',
    arguments: ['--health-path=/a%20b?c=$HOME', '--health-req-body=say "hi" \\ \n'],
    program: '/opt/my trivet',
  });
  expect(unit).toContain('ExecStart="/opt/my trivet" care --health-path=/a%%20b?c=$$HOME "--health-req-body=say \\"hi\\" \\\\ \\n"\n');
});

test('careUnit lets care write where it is told to, and no further', () => {
  expect(careUnit({ backend: 'proxy', arguments: [], writes: ['/run/trivet-vip'] })).toContain('ReadWritePaths=-/run/trivet-vip\n');
  expect(careUnit({ backend: 'proxy', arguments: [] })).not.toContain('ReadWritePaths');
});

test('care-flags.md lists every flag of trivet care', () => {
  const path = join(packageRoot(), 'docs', 'reference', 'care-flags.md');
  if (process.env.TRIVET_UPDATE_GOLDEN === '1') writeFileSync(path, careReference());
  expect(readFileSync(path, 'utf8')).toBe(careReference());
});

test('careHelp fits a terminal of 100 columns but for its own first lines', () => {
  const lines = careHelp(100).split('\n').slice(8, -3);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});
