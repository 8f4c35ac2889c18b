import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSpec } from './read-spec.ts';

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'trivet-spec-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

test('readSpec: relative paths start at the file, not at the working directory', async () => {
  const directory = await temporaryDirectory();
  const text = `
apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata: { name: a }
spec:
  kubernetes: { version: v1.34.4 }
  bundle: bundle
  hosts: [{ name: m1, address: 192.0.2.11, roles: [master] }]
`;
  await writeFile(join(directory, 'cluster.yaml'), text);
  const result = await readSpec('cluster.yaml', { directory });
  expect(result.kind === 'ok' && result.spec.bundle).toBe(join(directory, 'bundle'));
});

test('readSpec: a missing file is a Failure that names it and the way to one', async () => {
  const directory = await temporaryDirectory();
  await expect(readSpec('cluster.yaml', { directory })).rejects.toMatchObject({
    code: 'CLUSTER_FILE_MISSING',
    message: 'cluster.yaml does not exist',
    remedy: expect.stringContaining('trivet init'),
  });
});

test('readSpec: a directory in place of the file is a Failure', async () => {
  const directory = await temporaryDirectory();
  await expect(readSpec('.', { directory })).rejects.toMatchObject({ code: 'CLUSTER_FILE_MISSING', message: '. is a directory' });
});
