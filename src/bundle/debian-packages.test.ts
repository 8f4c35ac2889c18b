import { expect, test } from 'vitest';
import { installed } from './debian-packages.ts';

test('installed reads new packages and upgrades out of a simulation, and nothing else', () => {
  const simulation = `Reading package lists...
The following NEW packages will be installed:
  runc
Inst libexpat1 [2.7.1-2] (2.9.0-1~deb13u1 Debian-Security:13/stable-security [amd64])
Inst conntrack (1:1.4.8-2 Debian:13.7/stable [amd64]) [containerd:amd64 ]
Conf conntrack (1:1.4.8-2 Debian:13.7/stable [amd64])
Inst ca-certificates (20250419+deb13u1 Debian:13.7/stable, Debian-Security:13/stable-security [all])
`;
  expect(installed(simulation)).toEqual([
    { name: 'libexpat1', version: '2.9.0-1~deb13u1' },
    { name: 'conntrack', version: '1:1.4.8-2' },
    { name: 'ca-certificates', version: '20250419+deb13u1' },
  ]);
});
