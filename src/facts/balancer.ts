/** How the balancer of one machine does: haproxy tells what it thinks of each apiserver, nginx only that it lives. */

import type { Fact } from '../model/fact.ts';

export interface BalancerBackend {
  /** The master's name. */
  readonly name: string;
  /** haproxy's word, without how many answers it still waits for: UP, DOWN, MAINT, DRAIN, NOLB. */
  readonly state: string;
  readonly sinceSeconds: number;
  /** What the last question brought: L7OK/200, L4TOUT, L4CON, L6TOUT, L7STS/500; empty before the first. */
  readonly lastCheck: string;
}

export interface BalancerHealth {
  /** systemd's word for trivet-balancer.service: active, activating, failed, inactive; empty when there is no such unit. */
  readonly unit: string;
  /** undefined: it was not haproxy that answered. */
  readonly backends: readonly BalancerBackend[] | undefined;
}

export const balancerHealth: Fact<BalancerHealth> = {
  name: 'balancer-health',
  argv: [
    'sh',
    '-c',
    `echo "unit $(systemctl is-active trivet-balancer.service)"
s=/run/trivet-balancer/haproxy.sock; [ -S $s ] && echo 'show stat -1 4 -1' | socat -t 2 - UNIX-CONNECT:$s 2>/dev/null
true`,
  ],
  parse: ({ stdout }) => {
    const [first = '', ...csv] = stdout.split('\n');
    return { unit: first.replace(/^unit ?/, ''), backends: haproxyBackends(csv) };
  },
};

/** Of the lines that haproxy answers to `show stat`. Its columns are found by their names: releases add some. */
export function haproxyBackends(csv: readonly string[]): readonly BalancerBackend[] | undefined {
  const head = csv.findIndex((line) => line.startsWith('# pxname,'));
  if (head < 0) return undefined;
  const names = (csv[head] ?? '').slice('# '.length).split(',');
  return csv.slice(head + 1).flatMap((line) => {
    const cells = line.split(',');
    const cell = (name: string) => cells[names.indexOf(name)] ?? '';
    if (cell('pxname') !== 'apiservers') return [];
    const [status = '', code = ''] = [cell('check_status').replace(/^\* /, ''), cell('check_code')];
    return [
      {
        name: cell('svname'),
        state: cell('status').split(' ')[0] ?? '',
        sinceSeconds: Number(cell('lastchg')) || 0,
        lastCheck: status === '' || code === '' || code === '0' ? status : `${status}/${code}`,
      },
    ];
  });
}
