import { expect, test } from 'vitest';
import { healthySurvey } from '../healthy-survey.ts';
import { reach } from './reach.ts';

function to(address: string, outcome: 'open' | 'refused' | 'silent') {
  return { m1: { reach: [{ address, port: 22, outcome }] } };
}

test('reach: nothing when the others answer', () => {
  expect(reach(healthySurvey(to('192.0.2.12', 'open')))).toEqual([]);
});

test('reach: a silent or refusing machine is a warning', () => {
  expect(reach(healthySurvey(to('192.0.2.12', 'silent')))).toMatchObject([
    { severity: 'warning', host: 'm1', message: expect.stringContaining('m2 does not answer') },
  ]);
  expect(reach(healthySurvey(to('192.0.2.12', 'refused')))).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('m2 refuses') },
  ]);
});

test('reach: nothing about a machine that could not be surveyed', () => {
  const survey = healthySurvey(to('192.0.2.12', 'silent'));
  expect(reach({ ...survey, machines: survey.machines.filter(({ host }) => host.name !== 'm2') })).toEqual([]);
});
