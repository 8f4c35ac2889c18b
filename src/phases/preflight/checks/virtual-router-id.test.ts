import { expect, test } from 'vitest';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import type { Survey } from '../survey.ts';
import { virtualRouterId } from './virtual-router-id.ts';

const choosing77 = { ...testCluster, schemeOptions: { ...testCluster.schemeOptions, virtualRouterId: 77 } };

function heard(survey: Survey, source: string): Survey {
  return { ...survey, vrrp: { from: 'm1', adverts: [{ source, virtualRouterId: 77, priority: 100, version: 3 }] } };
}

test('virtualRouterId: nothing when the id is free, ours, or chosen by trivet', () => {
  expect(virtualRouterId(healthySurvey({}, choosing77))).toEqual([]);
  expect(virtualRouterId(heard(healthySurvey({}, choosing77), '192.0.2.12'))).toEqual([]);
  expect(virtualRouterId(heard(healthySurvey(), '192.0.2.250'))).toEqual([]);
});

test("virtualRouterId: the file's id used by a stranger is an error", () => {
  expect(virtualRouterId(heard(healthySurvey({}, choosing77), '192.0.2.250'))).toMatchObject([
    { severity: 'error', message: '192.0.2.250 uses the VRRP id 77 on this network (heard by m1)' },
  ]);
});

test('virtualRouterId: a machine that cannot listen is a warning', () => {
  expect(virtualRouterId({ ...healthySurvey(), vrrp: { from: 'm1', adverts: undefined } })).toMatchObject([{ severity: 'warning' }]);
});
