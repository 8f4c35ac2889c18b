/** Which TCP ports of other machines answer a machine. */

import type { Fact } from '../../model/fact.ts';

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** refused: something answers there, but nothing listens; silent: no answer within two seconds, or no route. */
export type Reach = Target & { readonly outcome: 'open' | 'refused' | 'silent' };

/** All at once, by bash's own /dev/tcp: there may be no other program that can connect. */
export function reachable(targets: readonly Target[]): Fact<readonly Reach[]> {
  const script = `for target; do (
said=$(timeout 2 bash -c ': < /dev/tcp/\${1%:*}/\${1##*:}' bash "$target" 2>&1) && echo "$target open" && exit
case $said in *refused*) echo "$target refused" ;; *) echo "$target silent" ;; esac) & done; wait`;
  return {
    name: `reachable ${targets.map(name).join(' ')}`,
    argv: ['bash', '-c', `export LC_ALL=C\n${script}`, 'trivet', ...targets.map(name)],
    parse: ({ stdout }) => {
      const said = new Map(stdout.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1]]));
      return targets.flatMap((target) => {
        const outcome = said.get(name(target));
        return outcome === 'open' || outcome === 'refused' || outcome === 'silent' ? [{ ...target, outcome }] : [];
      });
    },
  };
}

function name({ address, port }: Target): string {
  return `${address}:${port}`;
}
