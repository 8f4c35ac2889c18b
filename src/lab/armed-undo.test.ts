import { expect, test } from 'vitest';
import { armedUndos, startTicks } from './armed-undo.ts';

test('startTicks is read after the last parenthesis, whatever the process calls itself', () => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index + 3));
  expect(startTicks(`4711 (a) b) S 1) ${fields.join(' ')}`)).toBe('22');
});

test('armedUndos of a lab that is not there are none', async () => {
  expect(await armedUndos('no-such-lab')).toEqual([]);
});
