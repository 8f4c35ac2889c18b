/** How Kubernetes' parts do on one machine, right now. */

import type { Fact } from '../model/fact.ts';

export interface MachineHealth {
  /** systemd's word: active, activating, failed, inactive; empty when there is no such unit. */
  readonly containerd: string;
  readonly kubelet: string;
  /** HTTP status of the local apiserver's /readyz with etcd; 0 when nothing answers. */
  readonly apiserver: number;
  readonly holdsVip: boolean;
}

export function machineHealth(address: string, vip: string): Fact<MachineHealth> {
  return {
    name: `machine-health ${address}`,
    argv: [
      'sh',
      '-c',
      `for u in containerd kubelet; do echo "$u $(systemctl is-active $u)"; done
echo "apiserver $(curl -sk -o /dev/null --max-time 2 -w '%{http_code}' https://$1:6443/readyz 2>/dev/null)"
echo "vip $(hostname -I | tr ' ' '\\n' | grep -cxF "$2")"`,
      'health',
      address,
      vip,
    ],
    parse: ({ stdout }) => {
      const value = new Map(
        stdout.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const),
      );
      return {
        containerd: value.get('containerd') ?? '',
        kubelet: value.get('kubelet') ?? '',
        apiserver: Number(value.get('apiserver') ?? 0) || 0,
        holdsVip: value.get('vip') === '1',
      };
    },
  };
}
