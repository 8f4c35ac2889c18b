/** A table in one line: two tables are the same when their texts are. */

import { addressText } from './address.ts';
import type { Table } from './dataplane/dataplane.ts';

/** `serve 10.0.0.1:6443=1 10.0.0.2:6443=0` */
export function tableText({ kind, targets }: Table): string {
  return [kind, ...targets.map(({ address, weight }) => `${addressText(address)}=${weight}`)].join(' ');
}
