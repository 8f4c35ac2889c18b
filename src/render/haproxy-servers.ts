/** Brings a running haproxy to the servers that its file names, through its runtime socket: no reload, no connection lost. */

import { type BalancerInput, haproxyFingerprint, haproxySocket, serverWords } from './haproxy.ts';

/** Shell. Exits 0 when the running haproxy has the file's tuning and exactly its servers. */
export function haproxyRuns(input: BalancerInput): string {
  return `${ask}
${isTuned(input)} && ${hasServers(input)}`;
}

/** Shell. Another tuning is taken up by a reload; another membership server by server. */
export function haproxyTakesUp(input: BalancerInput, unit: string): string {
  return `${ask}
is() { servers | tr ';' '\\n' | grep -qxF "$1"; }
drop() {
  servers | tr ';' '\\n' | grep -q "^$1 " || return 0
  echo "$1 is taken out"
  says "set server $1 state maint"
  # A closed session is gone a moment later, and only then is its server let go.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    says "shutdown sessions server $1" > /dev/null
    case $(says "del server $1") in *deleted*) return 0 ;; esac
    sleep 0.2
  done
  echo "$1 could not be taken out"
}
if ! ${isTuned(input)}; then
  systemctl reload ${unit}
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do ${isTuned(input)} && break; sleep 0.5; done
fi
for name in $(servers | tr ';' '\\n' | cut -d' ' -f1); do
  case ' ${input.backends.flatMap(({ name }) => [`apiservers/${name}`, `unasked/${name}`]).join(' ')} ' in *" $name "*) ;; *) drop "$name" ;; esac
done
${input.backends.map((backend) => add(backend, input)).join('\n')}
${isTuned(input)} && ${hasServers(input)}`;
}

/** In one line and down at first: whoever leaves maintenance counts as up otherwise, and would get clients before it was ever asked. */
function add({ name, address, port }: BalancerInput['backends'][number], input: BalancerInput): string {
  const asked = `apiservers/${name}`;
  const asking = [
    `add server ${asked} ${address}:${port} ${serverWords(input)}`,
    `enable health ${asked}`,
    `enable server ${asked}`,
    `set server ${asked} health down`,
  ];
  const unasked = `unasked/${name}`;
  const blind = [`add server ${unasked} ${address}:${port}`, `enable server ${unasked}`];
  const unless = (server: string, lines: readonly string[]) =>
    `is '${server} ${address}:${port}' || { drop ${server}; says '${lines.join('; ')}'; }`;
  return `${unless(asked, asking)}\n${unless(unasked, blind)}`;
}

function isTuned(input: BalancerInput): string {
  return `says 'show info' | grep -qx 'description: ${haproxyFingerprint(input)}'`;
}

/** BACKEND/NAME ADDRESS:PORT, sorted, with semicolons between. */
function hasServers({ backends }: BalancerInput): string {
  const wanted = ['apiservers', 'unasked'].flatMap((backend) =>
    backends.map(({ name, address, port }) => `${backend}/${name} ${address}:${port}`).sort(),
  );
  return `test "$(servers)" = '${wanted.join(';')}'`;
}

/** The columns of `show servers state`, version 1: 2 backend, 4 server, 5 address, 19 port. */
const ask = `export LC_ALL=C
says() { printf '%s\\n' "$1" | socat -t 3 - UNIX-CONNECT:${haproxySocket} 2>&1; }
servers() { says 'show servers state' | awk '$2 == "apiservers" || $2 == "unasked" {print $2 "/" $4 " " $5 ":" $19}' | sort | paste -sd ';' -; }`;
