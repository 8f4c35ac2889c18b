/** keepalived's virtual_server: LVS in NAT mode in front of the apiservers. */

import type { Backend } from './haproxy.ts';

export interface VirtualServerInput {
  readonly address: string;
  readonly port: number;
  readonly backends: readonly Backend[];
}

export function virtualServer({ address, port, backends }: VirtualServerInput): string {
  return `
virtual_server ${address} ${port} {
    delay_loop 1
    lb_algo wlc
    lb_kind NAT
    protocol TCP
${backends.map(realServer).join('')}}
`;
}

function realServer({ address, port }: Backend): string {
  return `    real_server ${address} ${port} {
        weight 1
        SSL_GET {
            url {
                # Whether this apiserver serves, not whether etcd has a leader.
                path "/readyz?exclude=etcd&exclude=etcd-readiness"
                status_code 200
            }
            connect_timeout 1
            retry 1
            delay_before_retry 1
        }
    }
`;
}
