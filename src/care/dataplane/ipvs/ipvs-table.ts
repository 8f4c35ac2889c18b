/** nft's small table beside IPVS: made, kept and taken away. */

import { Failure } from '../../../model/failure.ts';
import { removeTable } from '../clean-dataplane.ts';
import type { DataplaneInput } from '../dataplane.ts';
import { lastWords, runIfInstalled } from '../run-program.ts';
import { nftFamily, serviceName } from '../service-names.ts';
import { renderIpvsTable } from './render-table.ts';

export interface IpvsTable {
  /** Returns what it changed, a line each. CARE_DATAPLANE when mode link cannot be had; a missing refusal is only said. */
  readonly make: (refuses: boolean) => Promise<readonly string[]>;
}

export function ipvsTable({ service, mode, masqueradeBit, log }: DataplaneInput): IpvsTable {
  const family = nftFamily(service);
  const name = serviceName(service);
  const mark = mode === 'link' ? 2 ** masqueradeBit : undefined;
  let first = true;
  let made: string | undefined;
  let told = false;

  return {
    make: async (refuses) => {
      const wanted = renderIpvsTable({ service, mark, refuses });
      if (wanted === undefined) {
        const removed = first || made !== undefined ? await removeTable(family, name) : [];
        first = false;
        made = undefined;
        return removed;
      }
      first = false;
      // What was there before this process came may be another kind's.
      if (made === wanted && (await runIfInstalled(['nft', 'list', 'table', family, name]))?.code === 0) return [];
      const done = await runIfInstalled(['nft', '-f', '-'], `${wanted}\n`);
      if (done?.code === 0) {
        made = wanted;
        return [
          `table ${family} ${name}: ${[...(mark === undefined ? [] : ['masquerade']), ...(refuses ? ['new connections are refused'] : [])].join(', ')}`,
        ];
      }
      const why = done === undefined ? 'nft is not installed' : lastWords(done);
      if (mode === 'link')
        throw new Failure('CARE_DATAPLANE', `mode link needs nft to masquerade: ${why}`, {
          remedy: 'Install nftables, or take the other mode: --mode route',
        });
      if (!told) log('warn', `while no backend is there, connections wait instead of being refused: ${why}`);
      told = true;
      return [];
    },
  };
}
