import { expect, test } from 'vitest';
import { runLocal } from '../../local/run-local.ts';
import { readSections, sections } from './sections.ts';

test('sections: a command that fails, or prints no newline, leaves the others alone', async () => {
  const argv = sections({ first: 'printf one', broken: 'cat /no/such/file', third: 'echo "$1"; echo two' }, ["it's"]);
  const { code, stdout } = await runLocal(argv);
  const section = readSections(stdout);
  expect(code).toBe(0);
  expect([section('first'), section('broken'), section('third'), section('unknown')]).toEqual(['one', '', "it's\ntwo", '']);
});
