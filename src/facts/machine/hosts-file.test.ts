import { expect, test } from 'vitest';
import { hostsFile } from './hosts-file.ts';

test('hostsFile: entries with their names; those in a block of trivet are ours', () => {
  const stdout = `127.0.0.1\tlocalhost # loopback
# 192.0.2.1 gone
# BEGIN trivet cluster
192.0.2.100 apiserver.cluster.local
# END trivet cluster
192.0.2.9  old apiserver.cluster.local
`;
  expect(hostsFile.parse({ code: 0, stdout, stderr: '' })).toEqual([
    { address: '127.0.0.1', names: ['localhost'], ours: false },
    { address: '192.0.2.100', names: ['apiserver.cluster.local'], ours: true },
    { address: '192.0.2.9', names: ['old', 'apiserver.cluster.local'], ours: false },
  ]);
});
