/** How Kubernetes' parts do on one machine, right now. */

import type { Fact } from '../model/fact.ts';

export interface MachineHealth {
  /** systemd's word: active, activating, failed, inactive; empty when there is no such unit. */
  readonly containerd: string;
  readonly kubelet: string;
  readonly keepalived: string;
  /** HTTP status of the local apiserver's /readyz with etcd; 0 when nothing answers. */
  readonly apiserver: number;
  readonly holdsVip: boolean;
  /** HTTP status of what new connections from here to the endpoint meet; 0 when nothing answers. */
  readonly endpoint: number;
}

export function machineHealth(address: string, endpoint: { readonly address: string; readonly port: number }): Fact<MachineHealth> {
  return {
    name: `machine-health ${address}`,
    argv: [
      'sh',
      '-c',
      `for u in containerd kubelet keepalived; do echo "$u $(systemctl is-active $u)"; done
echo "apiserver $(curl -sk -o /dev/null --max-time 2 -w '%{http_code}' https://$1:6443/readyz 2>/dev/null)"
echo "vip $(hostname -I | tr ' ' '\\n' | grep -cxF "$2")"
echo "endpoint $(curl -sk -o /dev/null --max-time 3 -w '%{http_code}' "https://$2:$3/readyz?exclude=etcd&exclude=etcd-readiness" 2>/dev/null)"`,
      'health',
      address,
      endpoint.address,
      String(endpoint.port),
    ],
    parse: ({ stdout }) => {
      const value = new Map(
        stdout.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const),
      );
      return {
        containerd: value.get('containerd') ?? '',
        kubelet: value.get('kubelet') ?? '',
        keepalived: value.get('keepalived') ?? '',
        apiserver: Number(value.get('apiserver') ?? 0) || 0,
        holdsVip: value.get('vip') === '1',
        endpoint: Number(value.get('endpoint') ?? 0) || 0,
      };
    },
  };
}
