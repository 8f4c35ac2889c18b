import { expect, test } from 'vitest';
import { machineClock } from './clock.ts';

test('machineClock: date in milliseconds, undefined for anything else', () => {
  const parse = (stdout: string) => machineClock.parse({ code: 0, stdout, stderr: '' });
  expect(parse('1795246310.637730544\n')).toBe(1795246310637);
  expect(parse('1795246310.%N\n')).toBeUndefined();
});
