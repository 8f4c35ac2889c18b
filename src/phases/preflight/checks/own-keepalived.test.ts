import { expect, test } from 'vitest';
import { healthySurvey } from '../healthy-survey.ts';
import { ownKeepalived } from './own-keepalived.ts';

const theirs = { ours: false, configured: true, instances: ['VI_1'], active: true };

test('ownKeepalived: nothing where there is none, or trivet’s own', () => {
  expect(ownKeepalived(healthySurvey())).toEqual([]);
  expect(ownKeepalived(healthySurvey({ m1: { keepalived: { ...theirs, ours: true } } }))).toEqual([]);
});

test('ownKeepalived: one that runs is an error, a file alone a warning', () => {
  expect(ownKeepalived(healthySurvey({ m1: { keepalived: theirs }, m2: { keepalived: { ...theirs, active: false } } }))).toMatchObject([
    { severity: 'error', host: 'm1', message: expect.stringContaining('runs here (VI_1)') },
    { severity: 'warning', host: 'm2', remedy: expect.stringContaining('trivet reset brings it back') },
  ]);
});
