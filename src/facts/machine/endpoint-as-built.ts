/** How the control plane on a machine was made: the endpoint, the scheme and the certificate that its files tell of. */

import { createHash, X509Certificate } from 'node:crypto';
import type { Fact } from '../../model/fact.ts';
import { receiptDirectory } from '../../model/receipt.ts';
import { readSections, sections } from './sections.ts';

/** Holds the scheme and its variant by which trivet set the machine up: local-proxy/haproxy. */
export const schemeNotePath = `${receiptDirectory}/scheme`;

export interface EndpointAsBuilt {
  /** What trivet noted; undefined: nothing is noted. */
  readonly scheme: string | undefined;
  /** Where the admin's kubeconfig points; undefined before there is one. */
  readonly server: { readonly host: string; readonly port: number } | undefined;
  /** What the apiserver's manifest binds it to; undefined: all addresses, or there is no apiserver. */
  readonly bindAddress: string | undefined;
  /** The apiserver's serving certificate; undefined before there is one. */
  readonly certificate: { readonly sha256: string; readonly names: readonly string[] } | undefined;
  /** The apiserver here answers now. */
  readonly serves: boolean;
}

/** `address`: what the apiserver on this machine is asked at. */
export function endpointAsBuilt(address: string): Fact<EndpointAsBuilt> {
  return {
    name: `endpoint-as-built ${address}`,
    argv: sections(
      {
        scheme: `cat ${schemeNotePath}`,
        server: "grep -m 1 'server:' /etc/kubernetes/admin.conf",
        // The last one counts, as for the apiserver itself.
        bind: "grep -o -e '--bind-address=.*' /etc/kubernetes/manifests/kube-apiserver.yaml | tail -n 1",
        certificate: 'cat /etc/kubernetes/pki/apiserver.crt',
        serves: 'curl -sk -o /dev/null --max-time 3 -w "%{http_code}" "https://$1:6443/readyz?exclude=etcd&exclude=etcd-readiness"',
      },
      [address],
    ),
    parse: ({ stdout }) => {
      const section = readSections(stdout);
      const bind = section('bind').slice('--bind-address='.length);
      return {
        scheme: section('scheme') || undefined,
        server: readServer(section('server')),
        bindAddress: ['', '0.0.0.0', '::'].includes(bind) ? undefined : bind,
        certificate: readCertificate(section('certificate')),
        // 401 and 403: a cluster without anonymous access serves too.
        serves: /^(2..|401|403)$/.test(section('serves')),
      };
    },
  };
}

function readServer(line: string): EndpointAsBuilt['server'] {
  const [, host, port] = /server:\s*https:\/\/([^\s:/]+):(\d+)/.exec(line) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

function readCertificate(pem: string): EndpointAsBuilt['certificate'] {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  try {
    const { raw, subjectAltName = '' } = new X509Certificate(pem);
    // DNS:m1, IP Address:192.0.2.11
    const names = subjectAltName.split(',').map((entry) => entry.slice(entry.indexOf(':') + 1).trim());
    return { sha256: createHash('sha256').update(raw).digest('hex'), names };
  } catch {
    // A file that is no certificate: kubeadm and the apiserver will say so.
    return undefined;
  }
}
