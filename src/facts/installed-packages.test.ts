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
