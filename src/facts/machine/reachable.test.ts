import { expect, test } from 'vitest';
import { reachable } from './reachable.ts';

test('reachable: an outcome for each target that was tried', () => {
  const targets = ['192.0.2.12', '192.0.2.13', '192.0.2.55'].map((address) => ({ address, port: 22 }));
  const stdout = '192.0.2.13:22 refused\n192.0.2.12:22 open\n192.0.2.55:22 silent\n';
  expect(
    reachable(targets)
      .parse({ code: 0, stdout, stderr: '' })
      .map(({ outcome }) => outcome),
  ).toEqual(['open', 'refused', 'silent']);
  expect(reachable(targets).parse({ code: 127, stdout: '', stderr: 'bash: not found' })).toEqual([]);
});
