/** Preflight check: no keepalived of the user's own is in the way on a machine that the endpoint's address may move to. */

import type { Check } from '../finding.ts';

/** A machine has one keepalived.conf, and trivet's would take the place of it. */
export const ownKeepalived: Check = ({ machines }) =>
  machines.flatMap(({ host, keepalived }) => {
    if (keepalived === undefined || keepalived.ours || !keepalived.configured) return [];
    const { active, instances } = keepalived;
    const what = instances.length === 0 ? '' : ` (${instances.join(', ')})`;
    return [
      {
        severity: active ? ('error' as const) : ('warning' as const),
        host: host.name,
        check: 'own-keepalived',
        message: active
          ? `a keepalived of your own runs here${what}; trivet up would replace its /etc/keepalived/keepalived.conf`
          : `/etc/keepalived/keepalived.conf is not trivet’s${what}; trivet up replaces it`,
        remedy: active
          ? 'give its address to another machine, then systemctl disable --now keepalived; the file may stay: trivet reset brings it back'
          : 'nothing, if it is no longer wanted: the original is kept, and trivet reset brings it back',
      },
    ];
  });
