import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterSpec, JsonObject } from '../model/cluster.ts';
import type { Host, Ssh } from '../model/host.ts';
import { parseClusterFile } from './parse-cluster-file.ts';
import { formatProblem } from './problem.ts';
import { renderClusterFile } from './render-cluster-file.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
/** Texts that YAML could take for something else are the interesting ones. */
const word = fc.oneof(
  fc.constantFrom('null', 'true', '1', '0x1f', '1e3', '~', 'no', '2026-01-01', '- a', '# b', 'a: b', '*a', '&a', '%', "'"),
  fc.string({ minLength: 1 }),
);
const path = word.filter((text) => !/\p{Cc}/u.test(text)).map((text) => `/${text.replaceAll(/[./]+/g, '-')}`);
const json = fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }).filter((value) => !JSON.stringify(value).includes('-0'));
const passthrough: fc.Arbitrary<JsonObject> = json.map((value) => JSON.parse(JSON.stringify(value)));

const ssh: fc.Arbitrary<Ssh> = fc.record({
  user: fc.constantFrom('root', 'admin', 'null', '0'),
  port: fc.constantFrom(22, 2222),
  keyFile: maybe(path),
  knownHosts: maybe(path),
  password: maybe(
    fc.oneof(
      path.map((value) => ({ kind: 'file', path: value }) as const),
      fc.constantFrom('A', 'NULL', '_1').map((variable) => ({ kind: 'environment', variable }) as const),
      fc.constant({ kind: 'prompt' } as const),
    ),
  ),
});

const host = (index: number, sshOfHost: fc.Arbitrary<Ssh>): fc.Arbitrary<Host> =>
  fc.record({
    name: label.map((text) => `${text}-${index}`),
    address: fc.constant(`192.0.2.${index + 1}`),
    internalAddress: fc.constantFrom(`192.0.2.${index + 1}`, `192.0.2.${index + 101}`),
    roles: fc.constant([index < 3 ? 'master' : 'worker'] as const),
    ssh: sshOfHost,
    labels: fc.dictionary(fc.constantFrom('a', 'null', 'example.org/disk', '1'), fc.constantFrom('', 'ssd', 'true', '1.0', 'null')),
    taints: fc.array(
      fc.record({
        key: fc.constantFrom('a', 'true', 'b.c/d'),
        value: maybe(fc.constantFrom('x', '1')),
        effect: fc.constantFrom('NoSchedule', 'NoExecute'),
      }),
      { maxLength: 2 },
    ),
    interface: maybe(fc.constantFrom('eth0', '0', 'null')),
  });

const hosts = fc
  .oneof(
    ssh.map((one) => fc.constant(one)),
    fc.constant(ssh),
  )
  .chain((of) => fc.tuple(...[0, 1, 2, 3, 4].map((index) => host(index, of))));

const spec: fc.Arbitrary<ClusterSpec> = fc.record({
  name: label,
  hosts,
  kubernetes: fc.record({
    version: fc.constantFrom('v1.34.4', 'v1.35.0-rc.1'),
    ignorePreflightErrors: fc.uniqueArray(fc.constantFrom('SystemVerification', 'Swap', 'all')),
    kubeadm: fc.record({ cluster: passthrough, init: passthrough, join: passthrough, kubelet: passthrough, kubeProxy: passthrough }),
  }),
  endpoint: fc.record({
    domain: fc.constantFrom('apiserver.cluster.local', 'null', '1e3.example.org'),
    address: fc.constant('192.0.2.200'),
    port: fc.constant(6443),
    extraSans: fc.uniqueArray(fc.constantFrom('a.example.org', '203.0.113.1', '*.example.org')),
  }),
  schemeOptions: fc.record({
    kind: fc.constant('vip-on-masters'),
    proxy: fc.constant('none'),
    multicast: fc.constant(false),
    preempt: fc.boolean(),
    virtualRouterId: maybe(fc.integer({ min: 1, max: 255 })),
    advertSeconds: fc.integer({ min: 1, max: 4095 }).map((hundredths) => hundredths / 100),
    interface: maybe(fc.constantFrom('eth0', 'true')),
  }),
  etcdOptions: fc.constant({ kind: 'stacked' } as const),
  profile: fc.constant('standard'),
  certificates: fc.constant('upload'),
  dns: fc.constant({ on: 'masters', as: 'deployment' } as const),
  network: fc.record({
    podSubnet: fc.constant('10.244.0.0/16'),
    serviceSubnet: fc.constantFrom('10.96.0.0/12', '172.20.0.0/16'),
    dnsDomain: fc.constantFrom('cluster.local', 'k8s'),
    podNetwork: fc.oneof(
      fc.constant({ kind: 'builtin' } as const),
      path.map((manifest) => ({ kind: 'manifest', path: manifest }) as const),
    ),
  }),
  bundle: maybe(path),
  lab: maybe(label),
});

test('renderClusterFile: what it writes is parsed as the same spec', () => {
  fc.assert(
    fc.property(spec, (original) => {
      const text = renderClusterFile(original, '../schema.json');
      const result = parseClusterFile(text, { path: 'cluster.yaml', directory: '/elsewhere', home: '/home/operator' });
      if (result.kind === 'problems') throw new Error(result.problems.map(formatProblem).join('\n'));
      expect(result.spec).toEqual(original);
    }),
    { numRuns: 60 },
  );
}, 60_000);
