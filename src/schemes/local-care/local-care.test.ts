/** The scheme local-care with each data plane: the contract of all schemes, what kubeadm and the cluster are told, and the daemon. */

import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { schemeContract } from '../../../test/contract/scheme-contract.ts';
import { bind, clusterFile, specOf } from '../../../test/fake-machine/rehearsal.ts';
import { masters } from '../../model/cluster.ts';
import { discoveryByFile, initDocuments, joinDocuments } from '../../render/kubeadm.ts';
import { apiserverPatchPath } from '../../render/kubeadm-patches.ts';

schemeContract({ variant: 'local-care/nft', example: 'local-care.yaml', goldenHosts: ['m1', 'w1'] });
schemeContract({ variant: 'local-care/ipvs', example: 'local-care-ipvs.yaml', goldenHosts: ['w1'] });
schemeContract({ variant: 'local-care/proxy', example: 'local-care-proxy.yaml', goldenHosts: ['m1', 'w1'] });

const clusterWith = (scheme: string, count = 3) =>
  bind(
    specOf(clusterFile({ masters: count, workers: 1 }).replace('controlPlaneEndpoint: { address: 192.0.2.100 }', `scheme: ${scheme}`)),
    undefined,
  );
const surroundings = { cgroupV1: false, insideContainer: false };

async function filesOf(cluster: ReturnType<typeof clusterWith>, path: string) {
  const read = () => Promise.reject(new Error('nothing is asked'));
  const found = await Promise.all(
    cluster.scheme.hosts(cluster).map(async (host) => {
      const steps = await cluster.scheme.plan({ cluster, host, read });
      return steps.flatMap(({ action }) =>
        action.kind === 'file' && action.path === path ? [[host.name, String(action.content)] as const] : [],
      );
    }),
  );
  return new Map(found.flat());
}

describe('the scheme local-care', () => {
  test.each(['nft', 'ipvs'])(
    '%s: apiservers listen everywhere, since nobody else listens; kubeadm finds its port free',
    async (backend) => {
      const cluster = clusterWith(`{kind: local-care, backend: ${backend}}`);
      expect(await filesOf(cluster, apiserverPatchPath)).toEqual(new Map());
      for (const host of masters(cluster)) {
        const [join] = parseAllDocuments(
          joinDocuments({ cluster, host, discovery: discoveryByFile('/run/discovery.conf', 'a.b'), certificateKey: undefined }),
        );
        expect(join?.toJS().nodeRegistration.ignorePreflightErrors).toEqual([]);
        expect(join?.toJS()).not.toHaveProperty('patches');
      }
    },
  );

  test('proxy: each apiserver listens on its host’s own address, and kubeadm may meet the daemon on its port', async () => {
    const cluster = clusterWith('{kind: local-care, backend: proxy}');
    const bound = (address: string) => [{ op: 'add', path: '/spec/containers/0/command/-', value: `--bind-address=${address}` }];
    const patches = [...(await filesOf(cluster, apiserverPatchPath))].map(([name, content]) => [name, JSON.parse(content)]);
    expect(patches).toEqual([
      ['m1', bound('192.0.2.11')],
      ['m2', bound('192.0.2.12')],
      ['m3', bound('192.0.2.13')],
    ]);
    const [first] = masters(cluster);
    const [init] = first === undefined ? [] : parseAllDocuments(initDocuments(cluster, first, surroundings));
    expect(init?.toJS()).toMatchObject({
      nodeRegistration: { ignorePreflightErrors: ['Port-6443'] },
      patches: { directory: '/etc/trivet/kubeadm-patches' },
    });
  });

  test('auto is nft: where apiservers may listen is decided before the machines are looked at', () => {
    expect(clusterWith('{kind: local-care, backend: auto}').scheme.variant).toBe('local-care/nft');
    expect(clusterWith('local-care').scheme.variant).toBe('local-care/nft');
  });

  test('every node’s daemon knows all masters of the file, and restarts when they change', async () => {
    const path = '/etc/trivet/care.json';
    const [one, three] = await Promise.all([1, 3].map((count) => filesOf(clusterWith('local-care', count), path)));
    expect(JSON.parse(one?.get('w1') ?? '').rs).toEqual(['192.0.2.11:6443']);
    expect(JSON.parse(three?.get('w1') ?? '')).toMatchObject({
      vs: '10.103.97.2:6443',
      rs: ['192.0.2.11:6443', '192.0.2.12:6443', '192.0.2.13:6443'],
      ip: '192.0.2.21',
      kubeconfig: '/etc/kubernetes/kubelet.conf',
    });
  });

  test('apiservers take leave before they go, and their certificate is made out for the address', () => {
    const cluster = clusterWith('local-care');
    const [first] = masters(cluster);
    const configuration = first === undefined ? undefined : parseAllDocuments(initDocuments(cluster, first, surroundings))[1]?.toJS();
    expect(configuration).toMatchObject({
      controlPlaneEndpoint: 'apiserver.cluster.local:6443',
      networking: { serviceSubnet: '10.96.0.0/16' },
      apiServer: {
        certSANs: expect.arrayContaining(['10.103.97.2', 'apiserver.cluster.local', '192.0.2.12']),
        extraArgs: [
          { name: 'shutdown-delay-duration', value: '5s' },
          { name: 'shutdown-send-retry-after', value: 'true' },
        ],
      },
    });
  });

  test('nodes may read the one list that names all apiservers, and nothing more', () => {
    const [role, binding] = clusterWith('local-care').scheme.manifests ?? [];
    expect(role).toMatchObject({
      kind: 'Role',
      metadata: { namespace: 'default' },
      rules: [
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], resourceNames: ['kubernetes'], verbs: ['get', 'list', 'watch'] },
      ],
    });
    expect(binding).toMatchObject({
      kind: 'RoleBinding',
      metadata: { namespace: 'default' },
      subjects: [{ kind: 'Group', name: 'system:nodes' }],
    });
  });
});
