/** Clients of care's virtual address on the lab's node, and what a data plane could have changed on that machine. */

import type { HeldConnections } from '../../../bench/parts/care-held.ts';
import { type CareLab, careCaFile, careNode, careVip, httpsPort } from '../../../bench/parts/care-lab.ts';
import { onMachine } from '../../../bench/parts/on-machine.ts';

/** New connections, one after another; each one's answer, a backend's name, or curl's exit status as `curl 7`. */
export async function askNew({ lab }: CareLab, times: number, { vip = careVip, port = httpsPort } = {}): Promise<readonly string[]> {
  const curl = `curl -sS --cacert ${careCaFile} -m 8 https://${vip}:${port}/ 2> /dev/null`;
  const script = `for i in $(seq ${times}); do ${curl} || echo "curl $?"; done`;
  return (await onMachine(lab, careNode, script)).trim().split('\n');
}

/** curl's exit status and the seconds that it took. */
export async function timeOne({ lab }: CareLab): Promise<{ readonly status: number; readonly seconds: number }> {
  const url = `https://${careVip}:${httpsPort}/`;
  const text = await onMachine(
    lab,
    careNode,
    `curl -sS --cacert ${careCaFile} -m 8 -o /dev/null -w '%{exitcode} %{time_total}' ${url} 2> /dev/null || true`,
  );
  const [status = Number.NaN, seconds = Number.NaN] = text.split(' ').map(Number);
  return { status, seconds };
}

/** Of connections that were held to a backend since that moment: how they ended. */
export function endsOf({ events }: HeldConnections, backend: string, sinceMs: number): readonly string[] {
  return events.flatMap((event) => (event.kind === 'ended' && event.backend === backend && event.atMs >= sinceMs ? [event.reason] : []));
}

/** Everything that a data plane could have changed. */
export function machineState({ lab }: CareLab): Promise<string> {
  const kernel = 'nft list ruleset; ip -4 addr; ip -6 addr; ip link; ip -4 route show table all; ip -6 route show table all; ip rule';
  const settings = 'sysctl -a 2> /dev/null | grep -E "arp_|route_localnet|rp_filter|forward|[.]vs[.]|nf_conntrack_tcp"';
  const files = 'ls -A /var/lib/trivet-care 2> /dev/null';
  const volatile = 's/ (expires|valid_lft|preferred_lft) [^ ]+//g; s/[0-9]+(sec)//g';
  return onMachine(lab, careNode, `{ ${kernel}; ${settings}; ${files}; } | sed -E "${volatile}"; true`);
}
