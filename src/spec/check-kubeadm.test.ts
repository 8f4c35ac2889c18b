import { expect, test } from 'vitest';
import { type Sample, sampleResult, threeMasters } from './sample-file.ts';

const vip = 'controlPlaneEndpoint: {address: 192.0.2.100}';
const local = 'scheme: local-proxy';

/** What is found, or what is only warned of. */
function outcome(sample: Sample): readonly string[] {
  const result = sampleResult(sample);
  return result.kind === 'ok'
    ? result.warnings
    : result.problems.map(
        ({ line, column, path, message }) => `${line}:${column} ${path.replace('spec.kubernetes.kubeadm.', '')}: ${message}`,
      );
}

const patches =
  'with local-proxy the directory of patches is /etc/trivet/kubeadm-patches, from where the apiservers get their bind address; leave it out here';

test.each([
  [
    'patches with local-proxy',
    local,
    '{initConfiguration: {patches: {directory: /p}}, joinConfiguration: {patches: {directory: /p}}}',
    `5:64 initConfiguration.patches: ${patches}`,
    `5:111 joinConfiguration.patches: ${patches}`,
  ],
  [
    'bind-address with local-proxy',
    local,
    '{clusterConfiguration: {apiServer: {extraArgs: [{name: v, value: "2"}, {name: bind-address, value: 0.0.0.0}]}}}',
    "5:114 clusterConfiguration.apiServer.extraArgs[1]: with local-proxy each apiserver listens on its host's internalAddress, since 127.0.0.1:6443 is the balancer's; leave bind-address out here",
  ],
  [
    'bind-address where trivet care listens',
    'scheme: {kind: local-care, backend: proxy}',
    '{clusterConfiguration: {apiServer: {extraArgs: [{name: shutdown-delay-duration, value: 9s}, {name: shutdown-send-retry-after, value: "true"}, {name: bind-address, value: 0.0.0.0}]}}}',
    "5:185 clusterConfiguration.apiServer.extraArgs[2]: with local-care each apiserver listens on its host's internalAddress, since the endpoint's port is the balancer's; leave bind-address out here",
  ],
  [
    'members by kubeadm with external etcd',
    `${vip}\netcd: external`,
    '{clusterConfiguration: {etcd: {local: {dataDir: /d}}}}',
    '5:74 clusterConfiguration.etcd.local: with external etcd kubeadm makes no members, so nothing here would be used; leave it out',
  ],
])('kubeadmFindings: %s is refused', (_, spec, kubeadm, ...expected) => {
  const hosts = spec.includes('etcd') ? [...threeMasters, 'e1 31 etcd'] : threeMasters;
  expect(outcome({ spec, kubeadm, hosts })).toEqual(expected);
});

test.each([
  ['patches without local-proxy', vip, '{initConfiguration: {patches: {directory: /p}}}'],
  ['patches where the kernel carries the connections', 'scheme: local-care', '{initConfiguration: {patches: {directory: /p}}}'],
  ['another argument with local-proxy', local, '{clusterConfiguration: {apiServer: {extraArgs: [{name: v, value: "2"}]}}}'],
  [
    'the timeouts themselves',
    vip,
    '{clusterConfiguration: {scheduler: {extraEnvs: [{name: HTTP2_PING_TIMEOUT_SECONDS, value: "5"}, {name: HTTP2_READ_IDLE_TIMEOUT_SECONDS, value: "5"}]}}}',
  ],
  ['arguments of etcd without the profile', vip, '{clusterConfiguration: {etcd: {local: {extraArgs: [{name: a, value: b}]}}}}'],
])('kubeadmFindings: %s', (_, spec, kubeadm) => {
  expect(outcome({ spec, kubeadm })).toEqual([]);
});

test('kubeadmFindings: arguments of the apiserver in place of its leave-taking are warned of with local-care', () => {
  const kubeadm = '{clusterConfiguration: {apiServer: {extraArgs: [{name: v, value: "2"}]}}}';
  expect(outcome({ kubeadm, spec: 'scheme: local-care' })).toEqual([
    expect.stringMatching(/apiServer\.extraArgs replaces .* breaks off .* Add shutdown-delay-duration and shutdown-send-retry-after/),
  ]);
});

test('kubeadmFindings: kube-proxy in its IPVS mode is warned of where IPVS carries the endpoint, unless it is told of it', () => {
  const spec = 'scheme: {kind: local-care, backend: ipvs}';
  expect(outcome({ spec, kubeadm: '{kubeProxyConfiguration: {mode: ipvs}}' })).toEqual([
    expect.stringMatching(/kubeProxyConfiguration\.mode is ipvs: .*excludeCIDRs: \["10\.103\.97\.2\/32"\]/),
  ]);
  expect(outcome({ spec, kubeadm: '{kubeProxyConfiguration: {mode: ipvs, ipvs: {excludeCIDRs: ["10.103.97.2/32"]}}}' })).toEqual([]);
  expect(outcome({ spec: 'scheme: local-care', kubeadm: '{kubeProxyConfiguration: {mode: ipvs}}' })).toEqual([]);
});

test('kubeadmFindings: a list that replaces the timeouts is warned of, with what is lost', () => {
  const kubeadm = '{clusterConfiguration: {apiServer: {extraEnvs: [{name: TZ, value: UTC}]}}}';
  expect(outcome({ kubeadm })).toEqual([
    "spec.kubernetes.kubeadm.clusterConfiguration.apiServer.extraEnvs replaces trivet's own list, so its idle watches may hang for 45 s instead of 6 when a machine is lost. Add HTTP2_READ_IDLE_TIMEOUT_SECONDS and HTTP2_PING_TIMEOUT_SECONDS to keep that.",
  ]);
});

test('kubeadmFindings: a list that replaces the timing of good-lan is warned of', () => {
  const kubeadm = '{clusterConfiguration: {etcd: {local: {extraArgs: [{name: heartbeat-interval, value: "60"}]}}}}';
  expect(outcome({ spec: `${vip}\nprofile: good-lan`, kubeadm })).toEqual([
    "spec.kubernetes.kubeadm.clusterConfiguration.etcd.local.extraArgs replaces trivet's own list, so etcd does not get the timing of profile good-lan, 50 and 400 ms. Add election-timeout to keep that.",
  ]);
});
