/** What trivet wrote down about its own changes on a machine. */

import type { Fact } from '../model/fact.ts';
import { type ReceiptEntry, receiptPath } from '../model/receipt.ts';

export interface Receipt {
  /** Name of the cluster that the machine belongs to; undefined on a machine that trivet has not touched. */
  readonly cluster: string | undefined;
  readonly entries: readonly ReceiptEntry[];
}

export const receipt: Fact<Receipt> = {
  name: 'receipt',
  argv: ['sh', '-c', `cat /var/lib/trivet/cluster 2> /dev/null || echo; cat ${receiptPath} 2> /dev/null; true`],
  parse: ({ stdout }) => {
    const [cluster = '', ...lines] = stdout.split('\n');
    return { cluster: cluster === '' ? undefined : cluster, entries: lines.flatMap(parseLine) };
  },
};

/** A line cut short by a crash counts as not written: its change was not made either. */
function parseLine(line: string): readonly ReceiptEntry[] {
  try {
    const entry: ReceiptEntry = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'kind' in entry ? [entry] : [];
  } catch {
    return [];
  }
}
