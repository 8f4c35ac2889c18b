/** The scheme local-proxy with both balancers: the contract of all schemes, and what kubeadm is told for it. */

import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { schemeContract } from '../../../test/contract/scheme-contract.ts';
import { bind, clusterFile, specOf } from '../../../test/fake-machine/rehearsal.ts';
import { masters, workers } from '../../model/cluster.ts';
import { discoveryByFile, initDocuments, joinDocuments } from '../../render/kubeadm.ts';
import { apiserverPatchPath } from '../../render/kubeadm-patches.ts';

schemeContract({ variant: 'local-proxy/haproxy', example: 'local-proxy-haproxy.yaml', goldenHosts: ['m1', 'w1'] });
schemeContract({ variant: 'local-proxy/nginx', example: 'local-proxy-nginx.yaml', goldenHosts: ['m1', 'w1'] });

const text = clusterFile({ masters: 3, workers: 1 }).replace('controlPlaneEndpoint: { address: 192.0.2.100 }', 'scheme: local-proxy');
const cluster = bind(specOf(text), undefined);
const [first, second] = masters(cluster);
const [worker] = workers(cluster);
if (first === undefined || second === undefined || worker === undefined) throw new Error('the cluster file lacks hosts');
const join = (host: typeof first) =>
  parseAllDocuments(
    joinDocuments({ cluster, host, discovery: discoveryByFile('/run/discovery.conf', 'a.b'), certificateKey: undefined }),
  )[0]?.toJS();

describe('the scheme local-proxy', () => {
  test('binds each apiserver to its own host’s address, by a patch that kubeadm upgrade takes again', async () => {
    const patches = await Promise.all(
      cluster.scheme.hosts(cluster).map(async (host) => {
        const steps = await cluster.scheme.plan({ cluster, host, read: () => Promise.reject(new Error('nothing is asked')) });
        const patch = steps.flatMap(({ action }) => (action.kind === 'file' && action.path === apiserverPatchPath ? [action.content] : []));
        return [host.name, ...patch.map((content) => JSON.parse(String(content)))];
      }),
    );
    const bound = (address: string) => [{ op: 'add', path: '/spec/containers/0/command/-', value: `--bind-address=${address}` }];
    expect(patches).toEqual([['m1', bound('192.0.2.11')], ['m2', bound('192.0.2.12')], ['m3', bound('192.0.2.13')], ['w1']]);
  });

  test('tells kubeadm on masters alone where the patches lie', () => {
    expect(parseAllDocuments(initDocuments(cluster, first, { cgroupV1: false, insideContainer: false }))[0]?.toJS()).toMatchObject({
      patches: { directory: '/etc/trivet/kubeadm-patches' },
    });
    expect(join(second)).toMatchObject({ patches: { directory: '/etc/trivet/kubeadm-patches' } });
    expect(join(worker)).not.toHaveProperty('patches');
  });

  test('lets kubeadm meet the balancer on the apiserver’s port, and nothing else', () => {
    for (const host of [second, worker]) expect(join(host).nodeRegistration.ignorePreflightErrors).toEqual(['Port-6443']);
  });

  test('keeps that when the user gives a list of checks to ignore', () => {
    const kubeadm = { ...cluster.kubernetes.kubeadm, join: { nodeRegistration: { ignorePreflightErrors: ['Swap'] } } };
    const theirs = { ...cluster, kubernetes: { ...cluster.kubernetes, kubeadm } };
    const documents = joinDocuments({ cluster: theirs, host: second, discovery: {}, certificateKey: undefined });
    expect(parseAllDocuments(documents)[0]?.toJS().nodeRegistration.ignorePreflightErrors).toEqual(['Swap', 'Port-6443']);
  });
});
