/** How long a connection to the endpoint on which nothing is said survives, tried from a node. */

import type { Fact } from '../model/fact.ts';
import { Failure } from '../model/failure.ts';

export interface IdleConnection {
  readonly seconds: number;
  /** ended: something on the way ended it; silent: its end never arrived, so something on the way forgot it. */
  readonly outcome: 'survived' | 'ended' | 'silent';
}

/** A watch that nothing ever happens on: the apiserver ends it after `seconds`, and only then may it end. TCP's keepalive is off. */
export function idleConnection({ url, seconds }: { readonly url: string; readonly seconds: number }): Fact<IdleConnection> {
  return {
    name: `idle-connection ${url} ${seconds}`,
    timeoutSeconds: seconds + 30,
    argv: ['sh', '-c', script, 'idle', url, String(seconds), String(seconds + 15)],
    parse: ({ stdout, stderr }) => {
      const [, exit = '', status = '', passed = ''] = /^exit=(\d+) status=(\d+) seconds=(\d+)/m.exec(stdout) ?? [];
      const ran = Number(passed);
      if (status === '200' && exit === '0' && ran >= seconds - 2) return { seconds: ran, outcome: 'survived' };
      if (status === '200') return { seconds: ran, outcome: exit === '28' ? 'silent' : 'ended' };
      throw new Failure('KUBERNETES_UNREACHABLE', `no watch could be opened at ${url} (HTTP ${status || 'none'}, curl ${exit || 'none'})`, {
        remedy: `on that machine: curl -kv ${url}/livez ${stderr.trim()}`.trim(),
      });
    },
  };
}

/** A node may watch services; one of this name there never is. HTTP/1.1 has no pings of its own. */
const script = `
pem=/var/lib/kubelet/pki/kubelet-client-current.pem
begun=$(date +%s)
status=$(curl -s --http1.1 --no-keepalive -o /dev/null -w '%{http_code}' --connect-timeout 5 --max-time "$3" --cacert /etc/kubernetes/pki/ca.crt --cert $pem --key $pem "$1/api/v1/services?watch=1&timeoutSeconds=$2&fieldSelector=metadata.name%3Dtrivet-idle-check"); exit=$?
echo "exit=$exit status=$status seconds=$(($(date +%s) - begun))"`;
