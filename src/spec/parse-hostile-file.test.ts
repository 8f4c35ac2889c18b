import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseClusterFile } from './parse-cluster-file.ts';
import { formatProblem } from './problem.ts';

const options = { path: 'cluster.yaml', directory: '/clusters', home: '/home/operator' };

/** Every kind of value that the format has. */
const good = `apiVersion: trivet.dev/v1alpha1
kind: Cluster
metadata: {name: demo}
spec:
  kubernetes: {version: v1.34.4, kubeadm: {clusterConfiguration: {apiServer: {extraEnvs: [{name: A, value: b}]}}}}
  controlPlaneEndpoint: {address: 192.0.2.100, port: 443}
  scheme: {kind: external-pair, proxy: lvs, preempt: true, virtualRouterId: 7, advertSeconds: 0.3, interface: eth1, multicast: true}
  etcd: {topology: external, endpoints: ['https://192.0.2.31:2379'], caFile: a, certFile: b, keyFile: c}
  network: {podSubnet: 10.32.0.0/12, serviceSubnet: 10.96.0.0/16, dnsDomain: cluster.local, cni: {manifest: ./cni.yaml}}
  ssh: {user: admin, port: 2222, keyFile: ~/key, password: {env: PASSWORD}}
  bundle: ../b.tar
  profile: good-lan
  certificates: copy
  dns: {on: all, as: daemonset}
  hosts:
    - {name: m1, address: 192.0.2.11, roles: [master, worker], labels: {a/b: c}, taints: [{key: a, effect: NoExecute}]}
    - {name: l1, address: 192.0.2.41, roles: [lb]}
    - {name: l2, address: 192.0.2.42, roles: [lb]}
`;

function problems(text: string): readonly string[] {
  const result = parseClusterFile(text, options);
  return result.kind === 'ok' ? [] : result.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

describe('parseClusterFile: hostile text', () => {
  test('an alias bomb is refused quickly', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `a${level}: &a${level} [${level === 0 ? 'x, x' : `*a${level - 1}, *a${level - 1}`}]`,
    );
    expect(problems(levels.join('\n'))[0]).toMatch(/more than 20000 values once aliases are followed/);
  });

  test.each([
    ['an alias within itself', 'a: &a [*a]', /alias \*a contains itself/],
    ['an alias without an anchor', 'a: *b', /alias|anchor/],
    ['brackets without end', '['.repeat(20_000), /nested too deeply/],
    ['maps without end', '{a: '.repeat(10_000), /nested too deeply/],
    ['a huge file', 'a'.repeat(1_000_001), /larger than 1000000 characters/],
    ['nothing', '', /1:1 : the file is empty/],
    ['a comment', '# cluster\n', /1:1 : the file is empty/],
    ['a list', '- 1', /1:1 : a list is not valid/],
    ['two documents', `${good}---\n${good}`, /: a second document/],
    ['a number that is none', good.replace('port: 443', 'port: .nan'), /6:54 : neither text, finite number/],
    ['a key that is a list', '? [a]\n: b\n', /a key must be a plain text/],
    ['a tag', 'a: !!python/object x', /unresolved tag/],
    ['keys of prototypes', '__proto__: {a: 1}\nconstructor: 1\ntoString: 2\n', /__proto__: unknown key/],
    ['a merge key', `${good}  <<: {}\n`, /merge keys/],
  ])(
    '%s is a problem',
    (_, text, expected) => {
      expect(problems(text).join('\n')).toMatch(expected);
    },
    60_000,
  );

  test('never throws, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => parseClusterFile(text, options).kind === 'problems'),
      { numRuns: 100 },
    );
  }, 60_000);

  test('never throws, for a good file with pieces cut out, doubled or replaced', () => {
    const piece = fc.constantFrom(
      '',
      ' ',
      '\n',
      '  ',
      ':',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '- ',
      '"',
      "'",
      '|',
      '!',
      '%',
      '\t',
      '0',
      'null',
      '.inf',
      '<<: *a',
      '\u0000',
      '\u2028',
    );
    expect(problems(good)).toEqual([]);
    const edit = fc.record({ at: fc.nat(good.length), remove: fc.nat(12), insert: piece });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        const text = edits.reduce((before, { at, remove, insert }) => before.slice(0, at) + insert + before.slice(at + remove), good);
        const result = parseClusterFile(text, options);
        if (result.kind === 'ok') return;
        for (const problem of result.problems) expect(formatProblem(problem)).toMatch(/^cluster\.yaml:\d+:\d+ /);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('never throws, for any data in place of any part', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom(
          'hosts',
          'kubernetes',
          'ssh',
          'network',
          'scheme',
          'controlPlaneEndpoint',
          'etcd',
          'profile',
          'certificates',
          'dns',
        ),
        (value, key) => {
          const text = JSON.stringify({
            apiVersion: 'trivet.dev/v1alpha1',
            kind: 'Cluster',
            metadata: { name: 'a' },
            spec: { [key]: value },
          });
          expect(parseClusterFile(text, options).kind).toBe('problems');
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);
});
