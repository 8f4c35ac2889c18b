import { describe, expect, test } from 'vitest';
import { sampleProblems, sampleResult, threeMasters } from './sample-file.ts';

const pair = [...threeMasters, 'l1 41 lb', 'l2 42 lb'];
const vrrp = { preempt: false, virtualRouterId: undefined, advertSeconds: 0.2, interface: undefined, multicast: false };
const at = (scheme: string) => `${scheme.includes('local') ? '' : 'controlPlaneEndpoint: {address: 192.0.2.100}\n'}${scheme}`;

describe('toSchemeOptions: complete with its defaults', () => {
  test.each([
    ['scheme: vip-on-masters', { kind: 'vip-on-masters', proxy: 'none', ...vrrp }, 6443],
    ['scheme: {kind: vip-on-masters, proxy: haproxy}', { kind: 'vip-on-masters', proxy: 'haproxy', ...vrrp }, 8443],
    [
      'scheme: {kind: vip-on-masters, proxy: nginx, multicast: true}',
      { kind: 'vip-on-masters', proxy: 'nginx', ...vrrp, multicast: true },
      8443,
    ],
    ['scheme: external-pair', { kind: 'external-pair', proxy: 'haproxy', ...vrrp }, 6443],
    ['scheme: {kind: external-pair, proxy: lvs, preempt: true}', { kind: 'external-pair', proxy: 'lvs', ...vrrp, preempt: true }, 6443],
    ['scheme: external', { kind: 'external' }, 6443],
    ['scheme: {kind: external}', { kind: 'external' }, 6443],
    ['scheme: local-proxy', { kind: 'local-proxy', proxy: 'haproxy' }, 6443],
    ['scheme: {kind: local-proxy, proxy: nginx}', { kind: 'local-proxy', proxy: 'nginx' }, 6443],
    ['scheme: local-care', { kind: 'local-care', backend: 'nft' }, 6443],
    ['scheme: {kind: local-care, backend: auto}', { kind: 'local-care', backend: 'nft' }, 6443],
    ['scheme: {kind: local-care, backend: ipvs}', { kind: 'local-care', backend: 'ipvs' }, 6443],
  ])('%s', (scheme, schemeOptions, port) => {
    const result = sampleResult({ spec: at(scheme), hosts: scheme.includes('pair') ? pair : threeMasters });
    expect(result.kind === 'ok' && [result.spec.schemeOptions, result.spec.endpoint.port]).toEqual([schemeOptions, port]);
  });

  test.each([
    ['scheme: vip-on-masters', 0.1],
    ['scheme: {kind: vip-on-masters, proxy: nginx}', 0.1],
    ['scheme: {kind: vip-on-masters, advertSeconds: 0.3}', 0.3],
    ['scheme: external-pair', 0.1],
  ])('%s with profile good-lan', (scheme, advertSeconds) => {
    const result = sampleResult({ spec: `${at(scheme)}\nprofile: good-lan`, hosts: scheme.includes('pair') ? pair : threeMasters });
    expect(result).toMatchObject({ kind: 'ok', spec: { profile: 'good-lan', schemeOptions: { advertSeconds } } });
  });
});

describe('the scheme of a file that names none', () => {
  const summary = (spec: string) => {
    const result = sampleResult({ spec });
    if (result.kind === 'problems') return sampleProblems({ spec });
    const { schemeOptions, endpoint, network } = result.spec;
    return [schemeOptions.kind, `${endpoint.address}:${endpoint.port}`, network.serviceSubnet];
  };

  test('with an address it is vip-on-masters, as it always was', () => {
    expect(summary('controlPlaneEndpoint: {address: 192.0.2.100}')).toEqual(['vip-on-masters', '192.0.2.100:6443', '10.96.0.0/12']);
  });

  test('without one it is local-care, at an address outside its smaller service range', () => {
    expect(summary('profile: standard')).toEqual(['local-care', '10.103.97.2:6443', '10.96.0.0/16']);
    expect(summary('controlPlaneEndpoint: {port: 8443}')).toEqual(['local-care', '10.103.97.2:8443', '10.96.0.0/16']);
  });

  test('an address that cannot be read is one all the same: its problem is the only one', () => {
    expect(summary('controlPlaneEndpoint: {address: 192.0.2}')).toHaveLength(1);
  });
});

test.each([
  ['scheme: local-proxi', 'c:6:11 spec.scheme: "local-proxi" is not valid; did you mean local-proxy?'],
  ['scheme: {kind: local-proxi}', 'c:6:18 spec.scheme.kind: "local-proxi" is not valid; did you mean local-proxy?'],
  [
    'scheme: {proxy: nginx}',
    'c:6:3 spec.scheme.kind: missing; expected local-care, vip-on-masters, external-pair, external or local-proxy',
  ],
  ['scheme: {kind: local-proxy, proxy: lvs}', 'c:6:38 spec.scheme.proxy: "lvs" is not valid; expected haproxy or nginx'],
  ['scheme: {kind: local-proxy, proxy: none}', 'c:6:38 spec.scheme.proxy: "none" is not valid; expected haproxy or nginx'],
  [
    'scheme: {kind: local-proxy, preempt: true}',
    'c:6:31 spec.scheme.preempt: local-proxy has no preempt; it is an option of vip-on-masters and external-pair',
  ],
  ['scheme: {kind: local-proxy, proxi: nginx}', 'c:6:31 spec.scheme.proxi: unknown key; did you mean proxy?'],
  ['scheme: {kind: local-care, backend: lvs}', 'c:6:39 spec.scheme.backend: "lvs" is not valid; did you mean ipvs?'],
  [
    'scheme: {kind: local-care, proxy: nft}',
    'c:6:30 spec.scheme.proxy: local-care has no proxy; it is an option of vip-on-masters and external-pair and local-proxy',
  ],
  ['scheme: local-proxy\nprofile: fast', 'c:7:12 spec.profile: "fast" is not valid; expected standard or good-lan'],
  ['scheme: local-proxy\ncertificates: scp', 'c:7:17 spec.certificates: "scp" is not valid; expected upload or copy'],
  ['scheme: local-proxy\ndns: {on: nodes}', 'c:7:13 spec.dns.on: "nodes" is not valid; expected masters, workers or all'],
  ['scheme: local-proxy\ndns: {as: daemonSet}', 'c:7:13 spec.dns.as: "daemonSet" is not valid; did you mean daemonset?'],
  ['scheme: local-proxy\netcd: {topology: extern}', 'c:7:20 spec.etcd.topology: "extern" is not valid; did you mean external?'],
])('clusterSchema: %s is refused', (spec, expected) => {
  expect(sampleProblems({ spec })).toEqual([expected]);
});
