/** Preflight check: the machines were set up for the scheme and the endpoint that the file names. Moving one is not up's work. */

import type { EndpointAsBuilt } from '../../../facts/machine/endpoint-as-built.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Host } from '../../../model/host.ts';
import type { Check } from '../finding.ts';
import { belongs } from '../survey.ts';

export const schemeChange: Check = ({ cluster, machines }) =>
  machines.flatMap(({ host, traces, built }) => {
    const message = built !== undefined && belongs(cluster, traces) ? difference(cluster, host, built) : undefined;
    if (message === undefined) return [];
    return [
      {
        severity: 'error',
        host: host.name,
        check: 'scheme-change',
        message,
        remedy:
          'put scheme and controlPlaneEndpoint back to what they were: trivet moves no living endpoint. To build the cluster anew, with all its data lost: trivet reset, then trivet up',
      },
    ];
  });

/** The first thing that differs, the most telling one first. */
function difference(cluster: Cluster, host: Host, built: EndpointAsBuilt): string | undefined {
  const { domain, address, port } = cluster.endpoint;
  const wanted = cluster.scheme.variant;
  if (built.scheme !== undefined && !replaceable(built.scheme, wanted)) {
    return `it was set up for the scheme ${built.scheme}, and the file says ${wanted}`;
  }
  if (built.server !== undefined && (built.server.host !== domain || built.server.port !== port)) {
    return `its clients were told to use https://${built.server.host}:${built.server.port}, and the file says https://${domain}:${port}`;
  }
  if (built.certificate === undefined) return undefined;
  const bound = cluster.scheme.apiserverBindAddress(host);
  if (bound !== undefined && built.bindAddress !== bound) {
    return `its apiserver does not listen on ${bound} alone, as ${wanted} needs it`;
  }
  if (bound === undefined && built.bindAddress === host.internalAddress) {
    return `its apiserver listens on its own address alone, as local-proxy and local-care/proxy have it, and the file says ${wanted}`;
  }
  const missing = [domain, address].filter((name) => !built.certificate?.names.includes(name));
  return missing.length === 0 ? undefined : `its apiserver's certificate is not made out for ${missing.join(' and ')}`;
}

/** One proxy may take another's place, as may nft and ipvs; LVS is a part of keepalived, and without a proxy the endpoint has another port. */
function replaceable(one: string, other: string): boolean {
  const [kind, variant] = one.split('/');
  const [otherKind, otherVariant] = other.split('/');
  const alike = (isProxy(variant) && isProxy(otherVariant)) || (isOfKernel(variant) && isOfKernel(otherVariant));
  return one === other || (kind === otherKind && alike);
}

/** trivet care takes the other one's rules away itself. */
function isOfKernel(variant: string | undefined): boolean {
  return variant === 'nft' || variant === 'ipvs';
}

function isProxy(variant: string | undefined): boolean {
  return variant === 'haproxy' || variant === 'nginx';
}
