import { describe, expect, test } from 'vitest';
import type { EndpointAsBuilt } from '../../../facts/machine/endpoint-as-built.ts';
import type { Cluster } from '../../../model/cluster.ts';
import { healthySurvey, testCluster } from '../healthy-survey.ts';
import { schemeChange } from './scheme-change.ts';

const traces = { hasReceipt: true, clusterName: 'test', kubernetes: [], cni: [], caSha256: undefined, kubeletServer: undefined };
const built: EndpointAsBuilt = {
  scheme: 'vip-on-masters/none',
  server: { host: 'apiserver.cluster.local', port: 6443 },
  bindAddress: undefined,
  certificate: { sha256: 'a'.repeat(64), names: ['apiserver.cluster.local', '192.0.2.100'] },
  serves: true,
};
const localProxy: Cluster = {
  ...testCluster,
  endpoint: { ...testCluster.endpoint, address: '127.0.0.1' },
  scheme: {
    ...testCluster.scheme,
    variant: 'local-proxy/haproxy',
    apiserverBindAddress: (host) => host.internalAddress,
    vipHosts: () => [],
  },
};

const messages = (more: Partial<EndpointAsBuilt>, cluster: Cluster = testCluster, own = true) =>
  schemeChange(
    healthySurvey({ m1: { built: { ...built, ...more }, traces: own ? traces : { ...traces, clusterName: 'other' } } }, cluster),
  ).map(({ host, message }) => `${host}: ${message}`);

describe('schemeChange', () => {
  test('nothing on a bare machine, on one of another cluster, and where all is as it was', () => {
    expect(schemeChange(healthySurvey())).toEqual([]);
    expect(messages({ scheme: 'external' }, testCluster, false)).toEqual([]);
    expect(messages({})).toEqual([]);
    expect(messages({ scheme: undefined })).toEqual([]);
  });

  test('nft and ipvs of local-care may take each other’s place; its proxy, for which apiservers are bound, may not', () => {
    const to = (variant: string): Cluster => ({ ...testCluster, scheme: { ...testCluster.scheme, variant } });
    expect(messages({ scheme: 'local-care/ipvs' }, to('local-care/nft'))).toEqual([]);
    expect(messages({ scheme: 'local-care/nft' }, to('local-care/proxy'))).toHaveLength(1);
    expect(messages({ scheme: 'vip-on-masters/none' }, to('local-care/nft'))).toHaveLength(1);
  });

  test('another scheme is refused, noted before the cluster was there', () => {
    expect(messages({ scheme: 'external-pair/haproxy', server: undefined, certificate: undefined })).toEqual([
      'm1: it was set up for the scheme external-pair/haproxy, and the file says vip-on-masters/none',
    ]);
    expect(messages({ scheme: 'vip-on-masters/haproxy' })).toHaveLength(1);
  });

  test('one proxy takes the place of another', () => {
    const local = {
      ...built,
      scheme: 'local-proxy/nginx',
      bindAddress: '192.0.2.11',
      certificate: { sha256: '', names: ['apiserver.cluster.local', '127.0.0.1'] },
    };
    expect(messages(local, localProxy)).toEqual([]);
  });

  test('another port or name in the kubeconfigs', () => {
    expect(messages({ scheme: undefined, server: { host: 'api.old', port: 8443 } })).toEqual([
      'm1: its clients were told to use https://api.old:8443, and the file says https://apiserver.cluster.local:6443',
    ]);
  });

  test('an apiserver bound otherwise, where nothing is noted', () => {
    expect(messages({ scheme: undefined }, localProxy)).toEqual([
      'm1: its apiserver does not listen on 192.0.2.11 alone, as local-proxy/haproxy needs it',
    ]);
    expect(messages({ scheme: undefined, bindAddress: '192.0.2.11' })).toEqual([
      'm1: its apiserver listens on its own address alone, as local-proxy and local-care/proxy have it, and the file says vip-on-masters/none',
    ]);
  });

  test('a certificate that is not made out for the address', () => {
    expect(messages({ certificate: { sha256: '', names: ['apiserver.cluster.local', '192.0.2.99'] } })).toEqual([
      "m1: its apiserver's certificate is not made out for 192.0.2.100",
    ]);
  });
});
