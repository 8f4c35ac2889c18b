import { expect, test } from 'vitest';
import { receipt } from './receipt.ts';

const parse = (stdout: string) => receipt.parse({ code: 0, stdout, stderr: '' });

test('receipt: an untouched machine has none', () => {
  expect(parse('\n')).toEqual({ cluster: undefined, entries: [] });
});

test('receipt: a line that a crash cut short is left out', () => {
  const entry = { kind: 'link', path: '/opt/cni/bin', target: '/usr/lib/cni' };
  expect(parse(`demo\n${JSON.stringify(entry)}\n{"kind":"file","pa`)).toEqual({ cluster: 'demo', entries: [entry] });
});
