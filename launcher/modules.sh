# Installs node_modules by the lock file and bundles the CLI. Sourced by launch.sh.

modules_current() {
  [ -e "$root/node_modules/.trivet-stamp" ] && [ "$(cat "$root/node_modules/.trivet-stamp")" = "$lock_sum" ]
}

bring_modules() {
  lock_sum=$(sha256sum < "$root/package-lock.json")
  if modules_current; then
    [ ! "$root/package-lock.json" -nt "$root/node_modules/.trivet-stamp" ] || touch "$root/node_modules/.trivet-stamp"
  else
    locked "modules-$(printf %s "$root" | sha256sum | cut -c 1-12)" install_modules
  fi
}

install_modules() {
  ! modules_current || return 0
  npm=$(command -v npm) || fail "needs npm to install its dependencies; install npm (Debian: apt-get install npm) and run this again"
  say "installing dependencies by npm, as the lock file has them (usually 15 s)"
  log=$logs/launcher-npm.log
  # Not `npm ci`: it refuses where a registry mirrors no packages of other platforms. Versions and integrity are the lock file's either way.
  patience='--fetch-timeout=60000 --fetch-retry-maxtimeout=10000'
  # shellcheck disable=SC2086 # two options
  (cd "$root" && "$npm" install --no-save --ignore-scripts --no-audit --no-fund $patience < /dev/null > "$log" 2>&1) ||
    fail "npm could not install the dependencies" "$log"
  echo "$lock_sum" > "$root/node_modules/.trivet-stamp"
}

bundle_cli() {
  mkdir -p "$root/dist"
  if [ ! -e "$root/dist/.stamp" ] || [ -n "$(find "$root/src" "$root/build.mjs" "$root/package-lock.json" -newer "$root/dist/.stamp" -print -quit)" ]; then
    "$node" "$root/build.mjs" || fail "the CLI does not bundle"
  fi
  echo "$node" > "$root/dist/.node.$$"
  mv "$root/dist/.node.$$" "$root/dist/.node"
}
