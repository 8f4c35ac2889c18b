/** Every shell snippet that the engine runs on machines: for dash or bash, coreutils and util-linux, nothing more. */

/** The output of commands on each machine. /run/trivet holds the locks and, for a moment, the standard input of commands. */
export const logDirectory = '/var/log/trivet';

/**
 * What the checks of files need, in one run. Arguments: n, n paths that are not hashed, then the paths that are.
 * Prints tab-separated lines: stat (raw mode in hex, owner, bytes, mtime, path), link (path, target), the stamps of
 * uploads (stamp, sha256, bytes, mtime, path), the pending restarts (marker, unit), and sha256sum's own lines.
 */
export const LOOK = String.raw`
n=$1; shift
export LC_ALL=C
if [ $# -gt 0 ]; then
  stat --printf 'stat\t%f\t%U:%G\t%s\t%Y\t%n\n' -- "$@" 2>/dev/null
  for path do [ -L "$path" ] && printf 'link\t%s\t%s\n' "$path" "$(readlink -- "$path")"; done
fi
cat /var/lib/trivet/uploads/*.stamp 2>/dev/null
(cd /var/lib/trivet/restart 2>/dev/null && for unit in *; do [ -e "$unit" ] && printf 'marker\t%s\n' "$unit"; done)
shift "$n"
[ $# -gt 0 ] && sha256sum -- "$@" 2>/dev/null
exit 0
`;

/**
 * Makes coming changes known on the machine: keeps originals, appends to the receipt, marks restarts; all synced.
 * Standard input, five lines for each: path, where its original is kept ('' if it is trivet's own already), unit to mark for a
 * restart (''), the receipt's line if there is an original, the line if there is none. An empty line appends nothing.
 * Prints the lines it appended. A last line torn by a crash stays alone on its line.
 */
export const RECORD = String.raw`
set -eu
umask 077
base=/var/lib/trivet
receipt=$base/receipt.ndjson
mkdir -p $base/originals $base/restart $base/uploads
if [ -s $receipt ] && [ -n "$(tail -c 1 $receipt)" ]; then echo >> $receipt; fi
set -- $receipt $base
while IFS= read -r path && IFS= read -r keep && IFS= read -r unit && IFS= read -r kept && IFS= read -r line; do
  if [ -n "$keep" ] && { [ -e "$path" ] || [ -L "$path" ]; }; then
    rm -rf -- "$keep.new"
    cp -a -- "$path" "$keep.new"
    rm -rf -- "$keep"
    mv -T -- "$keep.new" "$keep"
    [ -L "$keep" ] || set -- "$@" "$keep"
    line=$kept
  fi
  if [ -n "$line" ]; then
    printf '%s\n' "$line" >> $receipt
    printf '%s\n' "$line"
  fi
  [ -z "$unit" ] || : > "$base/restart/$unit"
done
[ -e $receipt ] || : >> $receipt
sync -- "$@" $base/originals $base/restart
`;

/**
 * Writes files: all of them beside their places first, synced, then renamed one after the other. Argument: how many.
 * Standard input, for each: mode, owner, bytes and path on a line with tabs between, then that many bytes.
 */
export const WRITE_FILES = `
set -eu
umask 077
count=$1
tab=$(printf '\\t')
new=
set --
trap 'rm -f -- "$@" "$new"' EXIT
trap 'exit 143' HUP INT TERM
while IFS="$tab" read -r mode owner bytes path; do
  (umask 022; mkdir -p -- "\${path%/*}/")
  new="\${path%/*}/.\${path##*/}.trivet-new"
  rm -f -- "$new"
  (set -C; head -c "$bytes" > "$new")
  if [ "$(wc -c < "$new")" -ne "$bytes" ]; then echo 'the input ended early' >&2; exit 1; fi
  chmod "$mode" -- "$new"
  chown -- "$owner" "$new"
  set -- "$@" "$new"
done
if [ $# -ne "$count" ]; then echo 'the input ended early' >&2; exit 1; fi
sync -- "$@"
for new do
  name=\${new##*/.}
  mv -f -T -- "$new" "\${new%/*}/\${name%.trivet-new}"
done
sync -- "\${new%/*}"
`;

/** Symbolic links by rename, so that there is never none. Arguments: path, target, path, target, … */
export const LINK = `
set -eu
while [ $# -gt 1 ]; do
  mkdir -p -- "\${1%/*}/"
  rm -f -- "$1.trivet-new"
  ln -s -- "$2" "$1.trivet-new"
  mv -f -T -- "$1.trivet-new" "$1"
  shift 2
done
`;

/** Units as they are after systemd has read their files again. Arguments: for systemctl show. */
export const RELOAD_AND_SHOW = `
systemctl daemon-reload || exit
exec systemctl show "$@"
`;

/** What a service step does to its unit. Arguments: unit, mark of a pending restart to take away (''), verbs of systemctl. */
export const SET_UNIT = `
unit=$1 mark=$2
shift 2
for verb do
  systemctl "$verb" -- "$unit" || exit
done
[ -z "$mark" ] || rm -f -- "$mark"
`;

/**
 * Runs commands side by side, each for a minute at most. Arguments: a separator, then each command as one word of shell.
 * Prints for each a line with the separator and the exit status, and then what it printed.
 */
export const TOGETHER = `
separator=$1
shift
directory=$(mktemp -d /run/trivet-check.XXXXXX) || exit 1
# Without the second trap dash dies of a signal, or of a reader that is gone, with its directory left behind.
trap 'rm -rf -- "$directory"' EXIT
trap 'exit 143' HUP INT TERM PIPE
number=0
for command do
  number=$((number + 1))
  { timeout -k 5 60 sh -c "$command" < /dev/null > "$directory/$number" 2>/dev/null; echo $? > "$directory/$number.status"; } &
done
wait
number=0
for command do
  number=$((number + 1))
  printf '%s %s\\n' "$separator" "$(cat "$directory/$number.status")"
  cat "$directory/$number"
  echo
done
`;

/**
 * Removes a file or a tree, but nothing that is mounted below it (a pod's volume may be a user's data): then exit 3 and the
 * mount's path. A path that is itself a mount point is emptied. Argument: path.
 */
export const REMOVE = String.raw`
while read -r _ _ _ _ mounted _; do
  case $mounted in "$1"/*) printf '%s\n' "$mounted"; exit 3 ;; esac
done < /proc/self/mountinfo
if mountpoint -q -- "$1"; then
  find "$1" -xdev -mindepth 1 -delete
else
  rm -rf --one-file-system -- "$1"
fi
`;

/** Prints those of its arguments that REMOVE has not dealt with: an empty mount point counts as removed. */
export const REMAINING = String.raw`
for path do
  if [ -e "$path" ] || [ -L "$path" ]; then
    if mountpoint -q -- "$path" && [ -z "$(ls -A -- "$path")" ]; then continue; fi
    printf '%s\n' "$path"
  fi
done
exit 0
`;

/** Notes what an uploaded file looked like when its digest was known. Arguments: path, sha256, stamp file. */
export const STAMP = String.raw`
set -eu
umask 077
mkdir -p /var/lib/trivet/uploads
printf 'stamp\t%s\t%s\t%s\n' "$2" "$(stat --printf '%s\t%Y' -- "$1")" "$1" > "$3.new"
mv -f -T -- "$3.new" "$3"
`;

/**
 * Starts COMMAND_INSIDE in a session of its own and waits for it: if this shell or the connection dies, the command goes on.
 * Arguments: COMMAND_INSIDE, name for files, bytes of standard input, then COMMAND_INSIDE's own arguments from the third.
 * Standard input is taken whole first (a connection that breaks half way must not start a command on half its input).
 * Prints COMMAND_INSIDE's result.
 */
export const COMMAND = `
umask 077
mkdir -p /run/trivet /var/log/trivet || exit 1
inside=$1 name=$2 bytes=$3
shift 3
run=/run/trivet/$name.$$
trap 'rm -f -- "$run.stdin"; exit 143' HUP INT TERM
cat > "$run.stdin" || exit 1
trap - HUP INT TERM
if [ "$(wc -c < "$run.stdin")" -ne "$bytes" ]; then
  rm -f -- "$run.stdin"
  echo truncated
  exit 0
fi
setsid sh -c "$inside" trivet "$run" "/var/log/trivet/$name.log" "$@" < /dev/null > /dev/null 2>&1 &
wait $!
cat -- "$run.result" 2>/dev/null || echo lost
rm -f -- "$run.result" "$run.stdin"
`;

/**
 * One command under the machine's lock. Arguments: run files, log, seconds to wait for the lock, seconds the command may take,
 * header for the log, check (a shell command), then the command's argv. The result is one line (already, done, unchecked,
 * failed N, expired, locked) and for the bad ones the last lines of the log.
 */
export const COMMAND_INSIDE = String.raw`
umask 077
run=$1 log=$2 patience=$3 limit=$4 header=$5 check=$6
shift 6
exec < "$run.stdin"
rm -f -- "$run.stdin"
result() {
  printf '%s\n' "$1" > "$run.result.new"
  rm -f -- "$run.check"
  case $1 in already|done|locked) ;; *) tail -c "+$((size + 1))" "$log" | tail -n 15 >> "$run.result.new" ;; esac
  mv -f -- "$run.result.new" "$run.result"
  exit 0
}
passes() { timeout -k 5 60 sh -c "$check" < /dev/null > "$run.check" 2>&1 9>&-; }
exec 9>> /run/trivet/machine.lock
flock -w "$patience" 9 || result locked
passes && result already
printf -- '--- %s %s\n' "$(date -u +%FT%TZ)" "$header" >> "$log"
size=$(wc -c < "$log")
timeout -k 10 "$limit" "$@" >> "$log" 2>&1 9>&-
code=$?
[ $code -eq 124 ] && result expired
[ $code -eq 0 ] || result "failed $code"
passes && result 'done'
# What the check says is the likely reason.
cat -- "$run.check" >> "$log"
result unchecked
`;

/**
 * Holds the lock against a second operator until standard input ends or says nothing for 60 s (bash: dash's read has no -t).
 * Argument: who holds it. Prints held, or locked and who does.
 */
export const HOLD_LOCK = String.raw`
umask 077
mkdir -p /run/trivet
exec 9>> /run/trivet/operator.lock
if ! flock -n 9; then
  printf 'locked %s\n' "$(cat /run/trivet/operator.owner 2>/dev/null)"
  exit 0
fi
printf '%s\n' "$1" > /run/trivet/operator.owner
echo held
while read -r -t 60 _; do :; done
rm -f /run/trivet/operator.owner
`;

/** argv of a snippet with its arguments. */
export function script(text: string, ...args: readonly string[]): readonly string[] {
  return ['sh', '-c', text, 'trivet', ...args];
}
