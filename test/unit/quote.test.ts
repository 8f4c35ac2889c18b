import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quote } from '../../src/model/quote.ts';

test('quote: a shell gives back the very words', () => {
  const words = ['printf', '%s\\n', "it's", '', '$HOME', 'a b', '"', '`id`', 'ключ'];
  expect(execFileSync('sh', ['-c', quote(words)], { encoding: 'utf8' })).toBe(`${words.slice(2).join('\n')}\n`);
});
