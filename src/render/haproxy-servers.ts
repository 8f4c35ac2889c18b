/** Brings a running haproxy to the servers that its file names, through its runtime socket: no reload, no connection lost. */

import { type BalancerInput, haproxyFingerprint, haproxySocket, serverWords } from './haproxy.ts';

/** Shell. Exits 0 when the running haproxy has the file's tuning and exactly its servers. */
export function haproxyRuns(input: BalancerInput): string {
  return `${ask}
says 'show info' | grep -qxi 'description: ${haproxyFingerprint(input)}' || exit 1
test "$(servers)" = '${wanted(input)}'`;
}

/** Shell. Another tuning is taken up by a reload; another membership server by server. */
export function haproxyTakesUp(input: BalancerInput, unit: string): string {
  const add = input.backends.map(({ name, address, port }) => {
    const server = `apiservers/${name}`;
    return `is '${name} ${address}:${port}' || { drop ${name}; say 'add server ${server} ${address}:${port} ${serverWords(input)}'; say 'enable health ${server}'; say 'enable server ${server}'; }`;
  });
  return `${ask}
say() { answer=$(says "$1"); case $answer in ''|*registered*|*deleted*) ;; *) echo "$1: $answer" ;; esac; }
is() { servers | tr ';' '\\n' | grep -qxF "$1"; }
drop() {
  says 'show servers state apiservers' | awk -v name="$1" '$4 == name {found=1} END {exit !found}' || return 0
  say "set server apiservers/$1 state maint"
  say "shutdown sessions server apiservers/$1"
  for try in 1 2 3 4 5 6 7 8 9 10; do
    case $(says "del server apiservers/$1") in *deleted*) return 0 ;; esac
    sleep 0.2
  done
  echo "$1 could not be taken out"; return 1
}
if ! says 'show info' | grep -qxi 'description: ${haproxyFingerprint(input)}'; then systemctl reload ${unit}; sleep 0.5; fi
for name in $(servers | tr ';' '\\n' | cut -d' ' -f1); do
  case ' ${input.backends.map(({ name }) => name).join(' ')} ' in *" $name "*) ;; *) drop "$name" ;; esac
done
${add.join('\n')}
${haproxyRuns(input).split('\n').slice(-2).join('\n')}`;
}

/** NAME ADDRESS:PORT, sorted, with semicolons between. */
function wanted(input: BalancerInput): string {
  return input.backends
    .map(({ name, address, port }) => `${name} ${address}:${port}`)
    .sort()
    .join(';');
}

const ask = `says() { printf '%s\\n' "$1" | socat -t 3 - UNIX-CONNECT:${haproxySocket} 2>&1; }
servers() { says 'show servers state apiservers' | awk '$2 == "apiservers" {print $4 " " $5 ":" $19}' | sort | paste -sd ';' -; }`;
