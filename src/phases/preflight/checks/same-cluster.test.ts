import { expect, test } from 'vitest';
import { healthySurvey } from '../healthy-survey.ts';
import { sameCluster } from './same-cluster.ts';

function member(caSha256: string | undefined) {
  return { traces: { hasReceipt: true, clusterName: 'test', kubernetes: [], cni: [], caSha256, kubeletServer: undefined } };
}

test('sameCluster: nothing when all members have one CA, or none yet', () => {
  expect(sameCluster(healthySurvey({ m1: member('a'), m2: member('a'), m3: member(undefined) }))).toEqual([]);
});

test('sameCluster: the machine with another CA than most masters is in another cluster', () => {
  expect(sameCluster(healthySurvey({ m1: member('b'), m2: member('a'), m3: member('a') }))).toMatchObject([
    { severity: 'error', host: 'm1', check: 'foreign-cluster', code: 'FOREIGN_CLUSTER' },
  ]);
});
