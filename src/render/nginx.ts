/** nginx's configuration: TCP to the apiservers. It looks at no master by itself: a failed connection is what it learns from. */

import type { BalancerInput } from './haproxy.ts';

/** Where a running nginx says that it lives, whatever the apiservers do. */
export const nginxSocket = '/run/trivet-balancer/alive.sock';

export function nginxConfig({ listenAddress, listenPort, backends }: BalancerInput): string {
  const servers = backends.map(({ address, port }) => `        server ${address}:${port} max_fails=1 fail_timeout=1s;\n`).join('');
  return `# Written by trivet: changes are overwritten by the next trivet up.
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
user www-data;
worker_processes 2;
# After a reload an old worker keeps its sessions for a while: it serves them as well as the new ones would.
worker_shutdown_timeout 10m;
error_log stderr warn;
pid /run/trivet-balancer/nginx.pid;

events {
    # Two for each client, in each worker: well within the unit's LimitNOFILE, also where no more than 20000 are allowed.
    worker_connections 8000;
}

stream {
    upstream apiservers {
        # Shared: what one worker learns of a master, the other knows.
        zone apiservers 64k;
        # After one failed connection a master is left alone for a second.
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

    # For the watcher of this machine: nginx lives. Asked through the apiservers, one that hangs would move the address about.
    server {
        listen unix:${nginxSocket};
        # Waits for the question: an answer before it would break the pipe that the question goes into.
        ssl_preread on;
        return "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n";
    }
}
`;
}
