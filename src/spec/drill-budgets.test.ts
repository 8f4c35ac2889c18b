import { expect, test } from 'vitest';
import { sampleProblems, sampleResult } from './sample-file.ts';

const endpoint = 'controlPlaneEndpoint: {address: 192.0.2.100}';

function budgetsOf(budgets: string) {
  const result = sampleResult({ spec: `${endpoint}\ndrill: {budgets: ${budgets}}` });
  return result.kind === 'ok' ? result.spec.drillBudgets : result.problems.map(({ message }) => message);
}

function problemsOf(drill: string): readonly string[] {
  return sampleProblems({ spec: `${endpoint}\ndrill: ${drill}` });
}

test('spec.drill.budgets: milliseconds, with a unit or without, and numbers of failures', () => {
  expect(budgetsOf('{new-connections: 650ms, writes: 0.65s, watch: 3000, recover: 2 s, application-failures: 0}')).toEqual({
    'new-connections': 650,
    writes: 650,
    watch: 3000,
    recover: 2000,
    'application-failures': 0,
  });
  expect(budgetsOf('{}')).toEqual({});
});

test('spec.drill.budgets: a name that is none is found where it stands, with the one that was meant', () => {
  expect(problemsOf('{budgets: {new-conections: 650ms}}')[0]).toContain('c:7:21 spec.drill.budgets.new-conections: unknown key');
  const result = sampleResult({ spec: `${endpoint}\ndrill: {budgets: {new-conections: 650ms}}` });
  expect(result.kind === 'problems' && result.problems[0]).toMatchObject({ suggestion: 'new-connections' });
  expect(problemsOf('{budget: {}}')[0]).toContain('spec.drill.budget: unknown key');
});

test.each(['fast', '-5', '650 m', '1e3s', '1e12', 'true', '[]'])('spec.drill.budgets: %s is no time', (value) => {
  expect(problemsOf(`{budgets: {new-connections: ${value}}}`).length).toBe(1);
  expect(problemsOf(`{budgets: {new-connections: ${value}}}`)[0]).toMatch(/spec\.drill\.budgets\.new-connections: .*a time such as 650ms/);
});

test.each(['0.5', '5ms', '-1'])('spec.drill.budgets: %s is no number of failures', (value) => {
  expect(problemsOf(`{budgets: {application-failures: ${value}}}`)[0]).toMatch(/a number of failed requests, such as 0/);
});
