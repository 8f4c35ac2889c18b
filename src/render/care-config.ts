/** The configuration of trivet care on one node: a JSON object whose names are the program's flags. */

import { type CareBackend, type ClusterSpec, masters } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';

export const careProgram = '/usr/local/bin/trivet';
export const careConfigPath = '/etc/trivet/care.json';
export const careUnitName = 'trivet-care.service';

/**
 * The masters of the file are always members; those that joined otherwise are found by the node's own credentials. Neither those nor
 * the CA are there before the node has joined: until then nothing is verified and nobody is looked for.
 */
export function careConfig(cluster: ClusterSpec, host: Host, backend: CareBackend): string {
  const { address, port } = cluster.endpoint;
  const flags = {
    vs: `${address}:${port}`,
    rs: masters(cluster).map((master) => `${master.internalAddress}:6443`),
    backend,
    ip: host.internalAddress,
    'ca-file': '/etc/kubernetes/pki/ca.crt',
    discover: true,
    kubeconfig: '/etc/kubernetes/kubelet.conf',
  };
  return `${JSON.stringify(flags, null, 2)}\n`;
}
