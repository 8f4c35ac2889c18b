import { expect, test } from 'vitest';
import { installedPackages } from './installed-packages.ts';

test('installedPackages: only what is completely installed counts', () => {
  const facts = installedPackages.parse({
    code: 0,
    stdout: 'release trixie\nadduser 3.152 installed\nkeepalived 1:2.3.3-1 unpacked\nlibc6 2.41-12 installed\nruncold 1.0 config-files\n',
    stderr: '',
  });
  expect(facts.release).toBe('trixie');
  expect([...facts.versions.keys()]).toEqual(['adduser', 'libc6']);
});

test('installedPackages: what a power loss may have emptied counts as not installed', () => {
  const stdout = 'release trixie\nrunc 1.1.15 installed\ncurl 8.14 installed\nunsynced runc\n';
  expect([...installedPackages.parse({ code: 0, stdout, stderr: '' }).versions.keys()]).toEqual(['curl']);
});
