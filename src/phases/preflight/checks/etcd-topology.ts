/** Preflight check: a cluster that is there has its etcd where the file says. */

import type { Check } from '../finding.ts';
import { belongs, isMaster } from '../survey.ts';

const stacked = '/etc/kubernetes/manifests/etcd.yaml';
const external = '/etc/trivet/etcd-client/client.key';

export const etcdTopology: Check = ({ cluster, machines }) => {
  const wrong = cluster.etcd.name === 'stacked' ? external : stacked;
  return machines
    .filter(({ host, traces }) => isMaster(host) && belongs(cluster, traces) && traces?.kubernetes.includes(wrong) === true)
    .map(({ host }) => ({
      severity: 'error',
      host: host.name,
      check: 'etcd-topology',
      message: `this master has ${wrong === stacked ? 'a stacked etcd member' : 'an external etcd'} (${wrong}), and the file asks for ${cluster.etcd.name === 'stacked' ? 'stacked' : 'external'} etcd`,
      remedy: 'put spec.etcd back as it was: up does not move an etcd that has data; or reset the cluster first',
    }));
};
