import { describe, expect, test } from 'vitest';
import { formatProblem, type Problem, problemsFailure, withoutPasswords } from './problem.ts';

const problem: Problem = {
  code: 'CLUSTER_FILE',
  file: 'cluster.yaml',
  line: 12,
  column: 5,
  path: 'spec.hosts[1].adress',
  message: 'unknown key',
  expected: 'one of name, address',
  suggestion: 'address',
  source: { text: '    adress: 192.0.2.12', length: 6 },
};

describe('formatProblem', () => {
  test('a suggestion stands in place of what was expected', () => {
    expect(formatProblem(problem)).toBe(
      [
        'cluster.yaml:12:5 spec.hosts[1].adress: unknown key; did you mean address?',
        '   12 |     adress: 192.0.2.12',
        '      |     ^^^^^^',
      ].join('\n'),
    );
  });

  test('a flag has neither line nor source', () => {
    const flag: Problem = { code: 'CLUSTER_FILE', file: '', line: 0, column: 0, path: '--vip', message: 'missing', expected: 'an address' };
    expect(formatProblem(flag)).toBe('--vip: missing; expected an address');
  });

  test('tabs and escape codes of the file are not sent to the terminal', () => {
    const text = `\t\u001b[31m  adress: x`;
    expect(
      formatProblem({ ...problem, column: 9, source: { text, length: 6 } })
        .split('\n')
        .slice(1),
    ).toEqual(['   12 |   [31m  adress: x', '      |         ^^^^^^']);
  });

  test('of a very long line only the part around the place is shown', () => {
    const text = `${'x'.repeat(5000)}adress${'y'.repeat(5000)}`;
    const lines = formatProblem({ ...problem, column: 5001, source: { text, length: 6 } }).split('\n');
    expect(lines[1]?.length).toBeLessThan(140);
    expect(lines[1]?.slice(lines[2]?.indexOf('^'), (lines[2]?.lastIndexOf('^') ?? 0) + 1)).toBe('adress');
  });
});

test.each([
  ['  password: hunter2, really # x', '  password: *******************'],
  ['ssh: {user: a, password: hunter2, port: 22}', 'ssh: {user: a, password: *******, port: 22}'],
  ['ssh: {passwd: "hun,ter2", port: 22}', 'ssh: {passwd: **********, port: 22}'],
  ['"password": \'hunter2\'', '"password": *********'],
  ['password: { env: NAME }', 'password: { env: NAME }'],
])('withoutPasswords: %s', (line, expected) => {
  expect(withoutPasswords(line)).toBe(expected);
});

describe('problemsFailure', () => {
  test('lists every problem', () => {
    expect(problemsFailure([problem, problem])).toMatchObject({
      code: 'CLUSTER_FILE',
      message: 'cluster.yaml: 2 problems',
      findings: [formatProblem(problem), formatProblem(problem)],
    });
  });

  test('is EVEN_MASTERS only when nothing else is wrong', () => {
    const even: Problem = { ...problem, code: 'EVEN_MASTERS' };
    expect(problemsFailure([even]).code).toBe('EVEN_MASTERS');
    expect(problemsFailure([even, problem]).code).toBe('CLUSTER_FILE');
  });
});
