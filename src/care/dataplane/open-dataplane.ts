/** Chooses and opens what carries the connections: the one asked for, or the best that this machine can have. */

import { Failure } from '../../model/failure.ts';
import { addressText } from '../address.ts';
import type { DataplaneKind } from '../settings.ts';
import type { Dataplane, DataplaneInput } from './dataplane.ts';
import { openIpvs } from './ipvs/open-ipvs.ts';
import { openNft } from './nft/open-nft.ts';
import { openProxy } from './proxy/open-proxy.ts';
import { removeOtherKinds } from './remove-other-kinds.ts';
import { refuseOwnAddress } from './vip-address.ts';
import { whyNot } from './why-not.ts';

const order: readonly DataplaneKind[] = ['nft', 'ipvs', 'proxy'];

const open: Readonly<Record<DataplaneKind, (input: DataplaneInput) => Dataplane>> = { nft: openNft, ipvs: openIpvs, proxy: openProxy };

/**
 * Removes what other kinds left of this virtual server, and nothing else; apply makes the table. CARE_DATAPLANE when the kind cannot be
 * had here, with the reasons of all that were tried.
 */
export async function openDataplane(wanted: 'auto' | DataplaneKind, input: DataplaneInput): Promise<Dataplane> {
  const kinds = wanted === 'auto' ? order : [wanted];
  const reasons: string[] = [];
  for (const kind of kinds) {
    const reason = await whyNot(kind, input.service);
    if (reason === undefined) return openKind(kind, input);
    reasons.push(`${kind}: ${reason}`);
    if (wanted === 'auto') input.log('info', `data plane ${kind} cannot be had here`, { reason });
  }
  if (wanted === 'auto')
    throw new Failure('CARE_DATAPLANE', `no data plane for ${addressText(input.service)} can be made on this machine`, {
      findings: reasons,
    });
  throw new Failure('CARE_DATAPLANE', `the data plane ${reasons.join('; ')}`, { remedy: 'Let it be chosen: --backend auto' });
}

async function openKind(kind: DataplaneKind, input: DataplaneInput): Promise<Dataplane> {
  for (const line of await removeOtherKinds(kind, input)) input.log('info', line);
  if (kind !== 'proxy') await refuseOwnAddress(input);
  if (kind !== 'ipvs' && input.scheduler !== 'rr')
    input.log('warn', `${kind} knows the scheduler rr only; ${input.scheduler} is taken as rr`);
  return open[kind](input);
}
