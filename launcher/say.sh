# Progress, failure and locks for the launcher's parts. Sourced by launch.sh.

say() { echo "trivet: $*" >&2; }

# fail MESSAGE [LOG]: says what is wrong, shows the end of the log, and ends.
fail() {
  say "$1"
  if [ -s "${2:-}" ]; then
    say "the end of $2:"
    tail -n 30 "$2" >&2
  fi
  exit 1
}

# locked NAME COMMAND…: one at a time on this machine. The kernel gives the lock back when its holder dies, however it dies.
locked() {
  name=$1
  shift
  if ! command -v flock > /dev/null; then
    "$@"
    return
  fi
  (
    if ! flock -n 9; then
      say "another trivet is doing the same; waiting for it"
      flock 9
    fi
    "$@" 9>&-
  ) 9> "$cache/$name.lock"
}
