/** From rules to the one line that nft takes as one atomic transaction: pure. */

import type { NftChain, NftRules } from './render-rules.ts';

/** rules: the chains are as they should be, and keep their hooks. table: anything may be there, and all of it goes. */
export function renderTransaction(rules: NftRules, replaces: 'rules' | 'table'): string {
  const name = `${rules.family} ${rules.table}`;
  const chains = rules.chains.map((chain) => `add chain ${name} ${chain.name} ${declaration(chain)}`);
  const beginning =
    replaces === 'rules' ? [`flush table ${name}`] : [`add table ${name}`, `delete table ${name}`, `add table ${name}`, ...chains];
  const added = rules.chains.flatMap((chain) => chain.rules.map(({ text }) => `add rule ${name} ${chain.name} ${text}`));
  return [...beginning, ...added].join('; ');
}

function declaration({ type, hook, priority }: NftChain): string {
  return `{ type ${type} hook ${hook} priority ${priority}; policy accept; }`;
}
