/** Blocks in files of others: idempotent, replaceable, removable, and nothing else touched. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withBlock } from './block.ts';

const line = fc.constantFrom('127.0.0.1 localhost', '', '# BEGIN other', '# END trivet b', '# BEGIN trivet b', 'x');
const text = fc.array(line).map((lines) => lines.map((one) => `${one}\n`).join(''));
const own = (all: string) => all.includes('# BEGIN trivet a') || all.includes('# END trivet a');

describe('withBlock', () => {
  test('appends, replaces in place and removes', () => {
    const first = withBlock('one\n', 'a', 'x\ny\n');
    expect(first).toBe('one\n# BEGIN trivet a\nx\ny\n# END trivet a\n');
    expect(withBlock(`${first}two\n`, 'a', 'z')).toBe('one\n# BEGIN trivet a\nz\n# END trivet a\ntwo\n');
    expect(withBlock(`${first}two\n`, 'a', '')).toBe('one\ntwo\n');
    expect(withBlock('', 'a', 'x')).toBe('# BEGIN trivet a\nx\n# END trivet a\n');
    expect(withBlock('no newline', 'a', '')).toBe('no newline');
  });

  test('a block without its end keeps the lines that follow', () => {
    expect(withBlock('# BEGIN trivet a\nold\nmine\n', 'a', 'new')).toBe('# BEGIN trivet a\nnew\n# END trivet a\nold\nmine\n');
  });

  test('is idempotent, and taking the block out gives the other lines back', () => {
    fc.assert(
      fc.property(text, fc.stringMatching(/^[a-z ]{1,9}$/), (all, content) => {
        fc.pre(!own(all) && content.trim() !== '');
        const once = withBlock(all, 'a', content);
        expect(withBlock(once, 'a', content)).toBe(once);
        expect(withBlock(once, 'a', '')).toBe(all);
      }),
    );
  });
});
