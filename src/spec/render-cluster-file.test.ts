import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClusterSpec, EtcdOptions, JsonObject, SchemeOptions } from '../model/cluster.ts';
import type { Host, Role, Ssh } from '../model/host.ts';
import { parseClusterFile } from './parse-cluster-file.ts';
import { formatProblem } from './problem.ts';
import { renderClusterFile } from './render-cluster-file.ts';

const labelText = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
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

const host = (index: number, roles: readonly Role[], sshOfHost: fc.Arbitrary<Ssh>): fc.Arbitrary<Host> => {
  const isNode = roles.includes('master') || roles.includes('worker');
  const labels = fc.dictionary(fc.constantFrom('a', 'null', 'example.org/disk', '1'), fc.constantFrom('', 'ssd', 'true', '1.0', 'null'));
  const taint = fc.record({
    key: fc.constantFrom('a', 'true', 'b.c/d'),
    value: maybe(fc.constantFrom('x', '1')),
    effect: fc.constantFrom('NoSchedule' as const, 'NoExecute' as const),
  });
  return fc.record({
    name: labelText.map((text) => `${text}-${index}`),
    address: fc.constant(`192.0.2.${index + 1}`),
    internalAddress: fc.constantFrom(`192.0.2.${index + 1}`, `192.0.2.${index + 101}`),
    roles: fc.constant(roles),
    ssh: sshOfHost,
    labels: isNode ? labels : fc.constant({}),
    taints: isNode ? fc.array(taint, { maxLength: 2 }) : fc.constant([]),
    interface: maybe(fc.constantFrom('eth0', '0', 'null')),
  });
};

const vrrp = {
  preempt: fc.boolean(),
  virtualRouterId: maybe(fc.integer({ min: 1, max: 255 })),
  advertSeconds: fc.integer({ min: 1, max: 4095 }).map((hundredths) => hundredths / 100),
  interface: maybe(fc.constantFrom('eth0', 'true')),
  multicast: fc.boolean(),
};
const balancer = fc.constantFrom('haproxy' as const, 'nginx' as const);
const schemeOptions: fc.Arbitrary<SchemeOptions> = fc.oneof(
  fc.record({ kind: fc.constant('vip-on-masters' as const), proxy: fc.oneof(fc.constant('none' as const), balancer), ...vrrp }),
  fc.record({ kind: fc.constant('external-pair' as const), proxy: fc.oneof(fc.constant('lvs' as const), balancer), ...vrrp }),
  fc.constant({ kind: 'external' } as const),
  fc.record({ kind: fc.constant('local-proxy' as const), proxy: balancer }),
  fc.record({ kind: fc.constant('local-care' as const), backend: fc.constantFrom('nft' as const, 'ipvs' as const, 'proxy' as const) }),
);
const etcdOptions: fc.Arbitrary<EtcdOptions> = fc.oneof(
  fc.constant({ kind: 'stacked' } as const),
  fc.constant({ kind: 'hosted' } as const),
  fc.record({
    kind: fc.constant('foreign' as const),
    endpoints: fc.constantFrom(['https://192.0.2.61:2379'], ['https://a:1', 'https://b.example.org:2379', 'https://192.0.2.61:65535']),
    caFile: path,
    certFile: path,
    keyFile: path,
  }),
);

/** Machines that suit both choices. */
function rolesFor(scheme: SchemeOptions['kind'], etcd: EtcdOptions['kind'], together: boolean): readonly (readonly Role[])[] {
  const members: readonly (readonly Role[])[] = etcd === 'hosted' && !together ? [['etcd'], ['etcd'], ['etcd']] : [];
  const master: readonly Role[] = [
    'master',
    ...(together && etcd === 'hosted' ? ['etcd' as const] : []),
    ...(together ? ['worker' as const] : []),
  ];
  const pair: readonly (readonly Role[])[] = scheme === 'external-pair' ? [['lb'], ['lb']] : [];
  return [master, master, master, ['worker'], ['worker'], ...members, ...pair];
}

function endpointOf({ kind, ...scheme }: SchemeOptions) {
  const proxied = 'proxy' in scheme && scheme.proxy !== 'none';
  const ports = kind === 'external' || kind === 'external-pair' || (kind === 'vip-on-masters' && proxied) ? [443, 8443, 16443] : [6443];
  return fc.record({
    domain: fc.constantFrom('apiserver.cluster.local', 'null', '1e3.example.org'),
    address: fc.constant(kind === 'local-proxy' ? '127.0.0.1' : '192.0.2.200'),
    port: fc.constantFrom(...ports),
    extraSans: fc.uniqueArray(fc.constantFrom('a.example.org', '203.0.113.1', '*.example.org')),
  });
}

/** kubeadm's sections must not contradict the scheme; any other content is passed through. */
const spec: fc.Arbitrary<ClusterSpec> = fc
  .tuple(schemeOptions, etcdOptions, fc.boolean(), fc.boolean())
  .chain(([scheme, etcd, together, sameSsh]) =>
    fc.record({
      name: labelText,
      hosts: (sameSsh ? ssh.map((one) => fc.constant(one)) : fc.constant(ssh)).chain((of) =>
        fc.tuple(...rolesFor(scheme.kind, etcd.kind, together).map((roles, index) => host(index, roles, of))),
      ),
      kubernetes: fc.record({
        version: fc.constantFrom('v1.34.4', 'v1.35.0-rc.1'),
        ignorePreflightErrors: fc.uniqueArray(fc.constantFrom('SystemVerification', 'Swap', 'all')),
        kubeadm: fc.record({ cluster: passthrough, init: passthrough, join: passthrough, kubelet: passthrough, kubeProxy: passthrough }),
      }),
      endpoint: endpointOf(scheme),
      schemeOptions: fc.constant(scheme),
      etcdOptions: fc.constant(etcd),
      profile: fc.constantFrom('standard', 'good-lan'),
      certificates: fc.constantFrom('upload', 'copy'),
      dns: fc.record({ on: fc.constantFrom('masters', 'workers', 'all'), as: fc.constantFrom('deployment', 'daemonset') }),
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
      lab: maybe(labelText),
      drillBudgets: fc.dictionary(fc.constantFrom('new-connections', 'recover', 'dns-failures'), fc.nat(1e9), { noNullPrototype: true }),
    }),
  );

test('renderClusterFile: what it writes is parsed as the same spec', () => {
  fc.assert(
    fc.property(spec, (original) => {
      const text = renderClusterFile(original, '../schema.json');
      const result = parseClusterFile(text, { path: 'cluster.yaml', directory: '/elsewhere', home: '/home/operator' });
      if (result.kind === 'problems') throw new Error(result.problems.map(formatProblem).join('\n'));
      expect(result.spec).toEqual(original);
    }),
    { numRuns: 150 },
  );
}, 60_000);
