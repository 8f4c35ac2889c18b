/** What is said of an etcd that the user brings. */

import { describe, expect, test } from 'vitest';
import type { ForeignEtcdState } from '../../facts/foreign-etcd-state.ts';
import type { ForeignEtcd } from '../../model/cluster.ts';
import { type EndpointAnswer, type EndpointReply, judgeForeignEtcd } from './foreign-etcd.ts';
import { testCluster } from './healthy-survey.ts';

const files = { caFile: '/ca', certFile: '/cert', keyFile: '/key' };
const url = (n: number) => `https://192.0.2.3${n}:2379`;
const etcdOf = (count: number): ForeignEtcd => ({
  kind: 'foreign',
  endpoints: Array.from({ length: count }, (_, index) => url(index + 1)),
  ...files,
});
const nobody: readonly ForeignEtcdState[] = [{ completed: false, clusterId: undefined }];
const noted = [{ completed: false, clusterId: '77' }];

const list = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: String(index + 1), name: `e${index + 1}`, learner: false }));

function reply(n: number, more: Partial<EndpointReply> = {}): EndpointAnswer {
  const answer = { clusterId: '77', memberId: String(n), members: list(3), healthy: true, registryKeys: 0, version: '3.6.5', ...more };
  return { from: 'm1', endpoint: url(n), answer: { kind: 'etcd', ...answer } };
}

const trouble = (n: number, answer: EndpointAnswer['answer']): EndpointAnswer => ({ from: 'm1', endpoint: url(n), answer });
const judge = (answers: readonly EndpointAnswer[], states = nobody, count = 3) =>
  judgeForeignEtcd(testCluster, etcdOf(count), answers, states);

describe('judgeForeignEtcd', () => {
  test('three healthy, empty members of one cluster: nothing to say', () => {
    expect(judge([reply(1), reply(2), reply(3)])).toEqual([]);
  });

  test.each([
    [{ kind: 'silent' }, 'does not answer'],
    [{ kind: 'refused' }, 'nothing listens at'],
    [{ kind: 'untrusted', detail: 'self-signed' }, 'caFile does not vouch for (self-signed)'],
    [{ kind: 'rejected', detail: 'bad certificate' }, 'refuses the client certificate (bad certificate)'],
    [{ kind: 'not-etcd', detail: 'no JSON' }, 'does not answer as etcd does'],
  ] as const)('an endpoint that is %o is an error, even if the others are a quorum', (answer, words) => {
    const [finding] = judge([reply(1), reply(2), trouble(3, answer)]);
    expect(finding).toMatchObject({ severity: 'error', host: 'm1', message: expect.stringContaining(words) });
    expect(finding?.message).toContain(url(3));
  });

  test('of a cluster that is up, one member that is down is a warning; without a quorum it is an error', () => {
    expect(judge([reply(1), reply(2), trouble(3, { kind: 'silent' })], noted)).toMatchObject([{ severity: 'warning' }]);
    const few = judge([reply(1, { healthy: false }), trouble(2, { kind: 'silent' }), trouble(3, { kind: 'silent' })], noted);
    expect(few.map(({ severity }) => severity)).toEqual(['error', 'error', 'error']);
    expect(few.at(-1)?.message).toContain("0 of etcd's 3 voting members are healthy among the endpoints; the quorum of 3 is 2");
  });

  test('a master whose sshd forwards nothing: a warning, as it is asked later', () => {
    expect(judge([trouble(1, { kind: 'no-tunnel' })])).toMatchObject([{ severity: 'warning' }]);
  });

  test('keys of another Kubernetes: refused as a foreign cluster, with the command that would remove them', () => {
    const full = [1, 2, 3].map((n) => reply(n, { registryKeys: 412 }));
    expect(judge(full)).toMatchObject([
      {
        check: 'foreign-cluster',
        code: 'FOREIGN_CLUSTER',
        message: expect.stringContaining('412 keys'),
        remedy: expect.stringContaining('del /registry/'),
      },
    ]);
    expect(judge(full, noted)).toEqual([]);
    expect(judge(full, [{ completed: true, clusterId: undefined }])).toEqual([]);
    expect(judge(full, [{ completed: false, clusterId: '78' }])).toHaveLength(1);
  });

  test('endpoints of two clusters are refused, each named', () => {
    const [finding] = judge([reply(1), reply(2), reply(3, { clusterId: '78' })]);
    expect(finding?.message).toContain(`2 different etcd clusters (77: ${url(1)}, ${url(2)}; 78: ${url(3)})`);
  });

  test('an even number of members: refused with the arithmetic, unless an even number of endpoints was accepted', () => {
    const four = [1, 2, 3, 4].map((n) => reply(n, { members: list(4) }));
    expect(judge(four.slice(0, 3))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          severity: 'error',
          message: 'etcd has 4 voting members: their quorum is 3, so they survive the loss of 1, as 3 would',
        }),
      ]),
    );
    expect(judge(four, nobody, 4)).toMatchObject([{ severity: 'warning' }]);
  });

  test('one member is a warning; members that the file does not name are one too', () => {
    expect(judge([reply(1, { members: list(1) })], nobody, 1)).toMatchObject([{ severity: 'warning' }]);
    expect(judge([reply(1), reply(2)], nobody, 2)).toMatchObject([{ severity: 'warning', remedy: expect.stringContaining('name all') }]);
  });

  test.each([
    ['3.5.23', 1],
    ['3.4.37', 1],
    ['3.5.24', 0],
    ['3.6.0', 0],
  ])('etcd %s: %i findings for Kubernetes 1.34', (version, findings) => {
    expect(judge([1, 2, 3].map((n) => reply(n, { version })))).toHaveLength(findings);
  });
});
