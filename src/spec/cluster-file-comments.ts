/** What the comments of a rendered cluster file say about the choices that it makes. */

import type { ClusterSpec, SchemeOptions } from '../model/cluster.ts';

const kinds =
  'kind: local-care, vip-on-masters, external-pair, external or local-proxy; trivet schemes tells what each survives and costs.';

const schemes: Readonly<Record<SchemeOptions['kind'], string>> = {
  'local-care': `trivet care on every node keeps the address there, each its own; it leads to healthy apiservers. No address moves.
backend: nft or ipvs (in the kernel), or proxy (the program itself carries the bytes).`,
  'vip-on-masters': `The address moves among the masters.
proxy: none, the holder's apiserver answers; haproxy or nginx, a balancer over all masters answers, on a port of its own.`,
  'external-pair': `The hosts of role lb balance over the masters and move the address between them.
proxy: haproxy, nginx, or lvs (in the kernel).`,
  external: 'A load balancer of your own keeps the address and forwards to port 6443 of every master.',
  'local-proxy': `A balancer on every node, at 127.0.0.1:6443; no address moves.
proxy: haproxy or nginx.`,
};

const vrrp = `preempt: true, the address returns to the first healthy machine of the list; false, it stays where a failure moved it.
advertSeconds: 0.2 (0.1 with profile good-lan); a dead holder is noticed after about three of them.
multicast: true, adverts to 224.0.0.18 instead of to each peer.
virtualRouterId (1–255) and interface are found by looking at the network; name them to choose.`;

export function schemeComment({ kind }: SchemeOptions): string {
  const options = kind === 'vip-on-masters' || kind === 'external-pair' ? `\n${vrrp}` : '';
  return `How the endpoint is kept alive. ${schemes[kind]}${options}\n${kinds}`;
}

export const endpointComment: Readonly<Record<SchemeOptions['kind'], string>> = {
  'local-care':
    "address: one that no machine has, outside every network that these machines talk to, and outside the cluster's own; 10.103.97.2 if none is given.",
  'vip-on-masters': "address: a free one on the masters' network. port: 6443; behind a proxy another one, such as 8443.",
  'external-pair': "address: a free one on the balancers' network.",
  external: 'address and port: those of your load balancer.',
  'local-proxy': 'address and port: each machine talks to its own balancer, so there is nothing to choose.',
};

export const etcdComment: Readonly<Record<ClusterSpec['etcdOptions']['kind'], string>> = {
  stacked: 'etcd: one member on each master. external puts it on the hosts of role etcd, or names a cluster of your own.',
  hosted: 'etcd: one member on each host of role etcd.',
  foreign: 'etcd: a cluster of your own, and the files on this computer with which the apiservers log in to it.',
};

export const drillComment = `Drills (trivet drill) are judged by what the scheme promises; budgets of your own go in its place, such as
{new-connections: 650ms, application-failures: 0}: times, or numbers of failed requests; docs/drills.md names all.`;
