import { expect, test } from 'vitest';
import { etcdDisk, hasEtcdDisk } from './etcd-disk.ts';
import { labUp } from './lab-up.ts';

test('hasEtcdDisk: masters and etcd machines, and no machine with a kernel of its own', () => {
  const of = (role: 'master' | 'worker' | 'etcd' | 'lb', kind: 'nspawn' | 'uml' = 'nspawn') => hasEtcdDisk({ role, kind });
  expect([of('master'), of('etcd'), of('worker'), of('lb'), of('lb', 'uml')]).toEqual([true, true, false, false, false]);
});

test('etcdDisk shows a directory of the disk at each place that etcd may use, never its root with lost+found', () => {
  const { before, binds } = etcdDisk('demo', 'm1');
  const [image = '', mountPoint = ''] = before.slice(-2);
  expect(image).toMatch(/\/labs\/demo\/machines\/m1\/etcd\.img$/);
  expect(binds).toEqual([
    { source: `${mountPoint}/etcd`, path: '/var/lib/etcd' },
    { source: `${mountPoint}/trivet-etcd`, path: '/var/lib/trivet-etcd' },
  ]);
});

test.each([0, 255, 512.5, 65_537, Number.NaN])('labUp refuses a disk of %s MB for etcd before anything is made', async (etcdDiskMb) => {
  const shape = { masters: 1, workers: 0, etcd: 0, lb: 0 };
  await expect(labUp({ name: 'never-made', shape, etcdDiskMb, emit: () => undefined })).rejects.toMatchObject({ code: 'USAGE' });
});
