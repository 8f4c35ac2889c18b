/** `ipvsadm -S -n`: the rules as the commands that would make them: pure. */

import { type Address, addressText, parseAddress } from '../../address.ts';

export interface RealServer {
  readonly address: Address;
  readonly forward: 'masquerade' | 'other';
  readonly weight: number;
}

export interface VirtualServer {
  readonly scheduler: string;
  /** Persistence and whatever else trivet does not set. */
  readonly otherOptions: boolean;
  readonly realServers: readonly RealServer[];
}

/** The one virtual server; undefined: it is not there. Others' lines are passed over. */
export function parseRules(output: string, service: Address): VirtualServer | undefined {
  const name = addressText(service);
  let scheduler: string | undefined;
  let otherOptions = false;
  const realServers: RealServer[] = [];
  for (const line of output.split('\n')) {
    const [command, ...words] = line.trim().split(/\s+/);
    if (canonical(after(words, '-t')) !== name) continue;
    if (command === '-A') {
      scheduler = after(words, '-s') ?? 'wlc';
      otherOptions = words.length > 4;
    } else if (command === '-a') {
      const address = parseAddress(after(words, '-r') ?? '');
      const forward = words.includes('-m') ? 'masquerade' : 'other';
      if (address !== undefined) realServers.push({ address, forward, weight: Number(after(words, '-w') ?? 1) });
    }
  }
  return scheduler === undefined ? undefined : { scheduler, otherOptions, realServers };
}

function after(words: readonly string[], option: string): string | undefined {
  const index = words.indexOf(option);
  return index === -1 ? undefined : words[index + 1];
}

function canonical(text: string | undefined): string | undefined {
  const address = parseAddress(text ?? '');
  return address === undefined ? undefined : addressText(address);
}
