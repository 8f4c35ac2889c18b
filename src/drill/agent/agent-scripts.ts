/** What is done on a machine for its agent, as argv: finding the program, starting it as a unit of its own, taking it away. */

export const drillDirectory = '/opt/trivet/drill';

export function programPath(sha256: string): string {
  return `${drillDirectory}/trivet-${sha256.slice(0, 12)}`;
}

export function agentUnit(id: string): string {
  return `trivet-drill-agent-${id}`;
}

/**
 * Prints the path of a program with this digest, or nothing. What was uploaded was verified before it got its name, so that only
 * its size is looked at; the installed one is hashed when its size is the same, at the lowest priority.
 */
export function findProgramArgv({ sha256, bytes }: { readonly sha256: string; readonly bytes: number }): readonly string[] {
  const script = `own=$1 sha=$2 bytes=$3 installed=/usr/local/bin/trivet
size() { stat -c %s "$1" 2> /dev/null || true; }
if [ "$(size "$own")" = "$bytes" ]; then echo "$own"; exit; fi
[ "$(size "$installed")" = "$bytes" ] || exit 0
[ "$(nice -n 19 sha256sum < "$installed" | cut -d ' ' -f 1)" = "$sha" ] && echo "$installed"
true`;
  return ['sh', '-c', script, 'find', programPath(sha256), sha256, String(bytes)];
}

/** Earlier versions are 128 MB each. */
export function removeOthersArgv(sha256: string): readonly string[] {
  const name = programPath(sha256).slice(drillDirectory.length + 1);
  return ['find', drillDirectory, '-maxdepth', '1', '-type', 'f', '-name', 'trivet-*', '!', '-name', name, '-delete'];
}

/**
 * The plan comes on standard input. Prints the port; ends with 1 and the journal's last words when the process does not start.
 * systemd ends it after its time and takes its directory away with it, whatever becomes of the operator.
 */
export function startAgentArgv(input: { readonly id: string; readonly program: string; readonly seconds: number }): readonly string[] {
  const script = `set -u
id=$1 program=$2 seconds=$3
unit=trivet-drill-agent-$id directory=/run/trivet-drill/$id
umask 077
# Of a drill whose operator was lost: whoever starts one here has the lock, so that nobody needs them.
systemctl stop 'trivet-drill-agent-*' 2> /dev/null
rm -rf /run/trivet-drill/*
mkdir -p "$directory" && cat > "$directory/plan.json" || exit 1
fail() {
  journalctl --unit "$unit" --lines 5 --output cat --no-pager >&2
  systemctl stop "$unit" 2> /dev/null
  rm -rf "$directory"
  exit 1
}
systemd-run --quiet --collect --unit="$unit" --description='trivet drill: probes on this machine' \\
  --property=Type=exec --property=RuntimeMaxSec="$seconds" --property=TimeoutStopSec=5 \\
  --property=RuntimeDirectory="trivet-drill/$id" --property=RuntimeDirectoryMode=0700 --property=UMask=0077 \\
  --property=MemoryMax=300M --property=OOMScoreAdjust=500 --property=Nice=-10 \\
  "$program" drill-agent --directory "$directory" || fail
i=0
while [ ! -s "$directory/port" ]; do
  i=$((i + 1))
  if [ "$i" -gt 200 ] || ! systemctl --quiet is-active "$unit"; then fail; fi
  sleep 0.05
done
cat "$directory/port"`;
  return ['sh', '-c', script, 'start', input.id, input.program, String(Math.ceil(input.seconds))];
}

export function removeAgentArgv(id: string): readonly string[] {
  const script = `systemctl stop "trivet-drill-agent-$1" 2> /dev/null
rm -rf "/run/trivet-drill/$1"
rmdir /run/trivet-drill 2> /dev/null
true`;
  return ['sh', '-c', script, 'remove', id];
}
