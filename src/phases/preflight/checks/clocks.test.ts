import { expect, test } from 'vitest';
import { healthySurvey } from '../healthy-survey.ts';
import { clocks } from './clocks.ts';

function at(offsetMs: number, uncertaintyMs = 10) {
  return { clock: { offsetMs, uncertaintyMs } };
}

test('clocks: nothing while machines agree within half a second', () => {
  expect(clocks(healthySurvey({ m1: at(400), m2: at(-90) }))).toEqual([]);
});

test('clocks: nothing when a slow answer may explain the difference', () => {
  expect(clocks(healthySurvey({ m1: at(2000, 2100) }))).toEqual([]);
});

test('clocks: machines more than half a second apart are a warning', () => {
  expect(clocks(healthySurvey({ m1: at(900) }))).toMatchObject([{ severity: 'warning', check: 'clocks' }]);
});

test('clocks: a machine more than five seconds off is an error', () => {
  expect(clocks(healthySurvey({ m2: at(-61_000) }))).toMatchObject([
    { severity: 'error', host: 'm2', message: 'the clock is 61.0 s behind' },
  ]);
});

test('clocks: when all machines agree it is the operator who is off, a warning', () => {
  const findings = clocks(healthySurvey({ m1: at(60_000), m2: at(60_100), m3: at(60_000), w1: at(60_050) }));
  expect(findings).toHaveLength(1);
  expect(findings).toMatchObject([{ severity: 'warning', message: expect.stringContaining('this computer is 60.0 s behind') }]);
});
