/** What new connections to the endpoint meet, seen from a machine: nobody, a refusal, or which apiserver's certificate. */

import type { Fact } from '../../model/fact.ts';
import { lines, readSections, sections } from './sections.ts';

export interface EndpointSeen {
  /** refused: something answers, but takes no connection; silent: no answer within five seconds, or no route. */
  readonly outcome: 'open' | 'refused' | 'silent';
  /** How many connections were tried; 0 where the machine has no curl. */
  readonly tries: number;
  /** How often each certificate was shown, by its SHA-256. */
  readonly certificates: ReadonlyMap<string, number>;
}

/** Four connections at a time, each a new one; the certificate is not verified, but told. */
export function endpointSeen({
  address,
  port,
  tries,
}: {
  readonly address: string;
  readonly port: number;
  readonly tries: number;
}): Fact<EndpointSeen> {
  return {
    name: `endpoint-seen ${address}:${port} ${tries}`,
    timeoutSeconds: 30 + 4 * tries,
    argv: sections(
      {
        reach: `said=$(timeout 5 bash -c ': < /dev/tcp/$1/$2' bash "$1" "$2" 2>&1) && echo open || case $said in *refused*) echo refused ;; *) echo silent ;; esac`,
        // The first certificate of the chain is the server's own.
        certificates: `command -v curl > /dev/null && timeout 5 bash -c ': < /dev/tcp/$1/$2' bash "$1" "$2" 2> /dev/null && {
one() { seen=$(curl -sk -o /dev/null --max-time 10 -w '%{certs}' "https://$1:$2/livez" | sed -n '/-BEGIN CERT/,/-END CERT/{/-----/!p};/-END CERT/q' | tr -d ' \\n'); [ -z "$seen" ] && echo none || printf %s "$seen" | base64 -d | sha256sum; }
i=0; while [ $i -lt "$3" ]; do one "$1" "$2" & i=$((i + 1)); [ $((i % 4)) -ne 0 ] || wait; done; wait; }`,
      },
      [address, String(port), String(tries)],
    ),
    parse: ({ stdout }) => {
      const section = readSections(stdout);
      const said = section('reach');
      const shown = lines(section('certificates'));
      const certificates = new Map<string, number>();
      for (const line of shown) {
        const digest = /^[0-9a-f]{64}/.exec(line)?.[0];
        if (digest !== undefined) certificates.set(digest, (certificates.get(digest) ?? 0) + 1);
      }
      return { outcome: said === 'open' || said === 'refused' ? said : 'silent', tries: shown.length, certificates };
    },
  };
}
