/** nginx's configuration: TCP to the apiservers. It looks at no master by itself: a failed connection is what it learns from. */

import type { BalancerInput } from './haproxy.ts';

export function nginxConfig({ listenAddress, listenPort, backends }: BalancerInput): string {
  const servers = backends.map(({ address, port }) => `        server ${address}:${port} max_fails=1 fail_timeout=2s;\n`).join('');
  return `# Written by trivet: changes are overwritten by the next trivet up.
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
user www-data;
worker_processes 2;
worker_rlimit_nofile 32768;
# An old worker after a reload ends its sessions then: their clients come back to the new list of masters.
worker_shutdown_timeout 10s;
error_log stderr warn;
pid /run/trivet-balancer/nginx.pid;

events {
    worker_connections 8192;
}

stream {
    upstream apiservers {
        # Shared: what one worker learns of a master, the other knows.
        zone apiservers 64k;
        # After one failed connection a master is left alone for two seconds.
${servers}    }

    server {
        listen ${listenAddress}:${listenPort} so_keepalive=30s:10s:3;
        proxy_pass apiservers;
        # A master without power answers nothing: the next is tried after a quarter of a second.
        proxy_connect_timeout 250ms;
        proxy_next_upstream on;
        proxy_next_upstream_timeout 3s;
        # Watches may be silent for long.
        proxy_timeout 24h;
        proxy_socket_keepalive on;
    }
}
`;
}
