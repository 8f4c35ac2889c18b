/** haproxy's configuration: TCP to the apiservers, each asked a few times a second whether it serves. */

import { createHash } from 'node:crypto';

export interface Backend {
  /** The master's name: a DNS label. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface BalancerInput {
  /** 127.0.0.1 for a balancer of one machine's own, 0.0.0.0 where a VIP comes and goes. */
  readonly listenAddress: string;
  readonly listenPort: number;
  readonly backends: readonly Backend[];
  /** How many machines run such a balancer: each asks each master, so many ask less often. */
  readonly balancers: number;
}

export const haproxySocket = '/run/trivet-balancer/haproxy.sock';

/**
 * The whole file. Its servers also change without a reload, through the socket; `fingerprint` names everything else, and the
 * running haproxy tells it by `show info` (description), so that a changed tuning is told from a changed membership.
 */
export function haproxyConfig(input: BalancerInput): string {
  return `# Written by trivet: changes are overwritten by the next trivet up.
global
    # What runs is told from what is written by this word: echo show info | socat - ${haproxySocket}
    description ${haproxyFingerprint(input)}
${settings(input)}${servers(input, serverWords(input))}
# When all fail their checks at once, it is rather this machine, or all of them, that are too busy to answer in time: then any
# apiserver that takes a connection is better than none.
backend unasked
    balance roundrobin
${servers(input, '')}`;
}

function servers({ backends }: BalancerInput, words: string): string {
  return backends.map(({ name, address, port }) => `    server ${`${name} ${address}:${port} ${words}`.trimEnd()}\n`).join('');
}

/** Names everything in the file but the servers. */
export function haproxyFingerprint(input: BalancerInput): string {
  return `trivet-${createHash('sha256')
    .update(settings(input) + serverWords(input))
    .digest('hex')
    .slice(0, 16)}`;
}

/** What follows a server's address, in the file and in the socket's `add server` alike: the latter knows no default-server. */
export function serverWords({ balancers }: Pick<BalancerInput, 'balancers'>): string {
  // Up to 200 machines, a master is asked about 100 times a second at most.
  const inter = Math.min(2000, Math.max(250, balancers * 10));
  // Three answers must fail: one lost packet, or an apiserver that is busy for half a second, costs nobody a connection.
  const health = `check check-ssl verify none inter ${inter}ms fastinter 50ms downinter 500ms fall 3 rise 3`;
  // A master that comes back answers before its etcd has caught up: while others serve, it gets one connection in thirty at first.
  return `${health} slowstart 30s on-marked-down shutdown-sessions`;
}

function settings({ listenAddress, listenPort }: BalancerInput): string {
  return `    user haproxy
    group haproxy
    chroot /var/lib/haproxy
    # For root alone; there is no statistics page. What haproxy has to say goes to the journal by its standard error.
    stats socket ${haproxySocket} mode 600 level admin
    # A reload leaves the old worker its sessions, and that worker checks nothing any more: it may not last.
    hard-stop-after 10s
    # Two files each: well within the unit's LimitNOFILE, also where no more than 20000 are allowed.
    maxconn 8000

defaults
    mode tcp
    # A master without power answers nothing: the next is tried after a quarter of a second. It also limits a check's handshake.
    timeout connect 250ms
    retries 3
    option redispatch 1
    timeout check 1s
    # Watches may be silent for long. Who is gone without a word is found by TCP's own keepalive instead.
    timeout client 24h
    timeout server 24h
    option clitcpka
    option srvtcpka
    clitcpka-idle 30s
    clitcpka-intvl 10s
    clitcpka-cnt 3
    srvtcpka-idle 30s
    srvtcpka-intvl 10s
    srvtcpka-cnt 3

frontend endpoint
    bind ${listenAddress}:${listenPort}
    use_backend unasked if { nbsrv(apiservers) eq 0 }
    default_backend apiservers

backend apiservers
    balance roundrobin
    # Whether this apiserver serves, not whether etcd has a leader: without one all masters would go at the same moment.
    # Not verified: the answer only decides who gets the bytes, and every client verifies the certificate itself.
    option httpchk
    http-check send meth GET uri /readyz?exclude=etcd&exclude=etcd-readiness ver HTTP/1.1 hdr Host apiserver hdr Connection close
    # 401: a cluster without anonymous access lives too. Not 403: an apiserver that has just begun says so, to everyone, until it
    # has read the roles.
    http-check expect rstatus ^(2..|401)$
`;
}
