/** Preflight check: the user's own load balancer answers, and leads to every master that serves. */

import type { Check } from '../finding.ts';
import { judgeEndpoint } from '../judge-endpoint.ts';

export const externalEndpoint: Check = ({ cluster, machines }) =>
  cluster.scheme.name !== 'external'
    ? []
    : judgeEndpoint({
        cluster,
        seen: machines.flatMap(({ host, endpoint }) => (endpoint === undefined ? [] : [{ from: host.name, seen: endpoint }])),
        apiservers: machines.flatMap(({ host, built }) =>
          built?.certificate === undefined ? [] : [{ master: host.name, sha256: built.certificate.sha256, serves: built.serves }],
        ),
        reaches: 'every',
      });
