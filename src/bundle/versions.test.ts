import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../local/package-root.ts';
import { defaultVersion } from './bundle-paths.ts';
import { versionsOf } from './versions.ts';

test('versionsOf says what the committed Go module requires', async () => {
  const module = await readFile(join(packageRoot(), 'src/bundle/modules/kubernetes/go.mod'), 'utf8');
  const { kubernetes, etcd } = versionsOf(defaultVersion);
  expect(module).toContain(`k8s.io/kubernetes ${kubernetes}\n`);
  for (const name of ['server', 'etcdctl', 'etcdutl']) expect(module).toContain(`go.etcd.io/etcd/${name}/v3 v${etcd}\n`);
});

test('versionsOf refuses a version that it cannot build and names those that it can', () => {
  expect(() => versionsOf('v1.20.0')).toThrow(expect.objectContaining({ code: 'USAGE', remedy: expect.stringContaining(defaultVersion) }));
});
