# Finds a Node that runs TypeScript as it is, or brings one from npm. Sourced by launch.sh; sets $node and puts it first on PATH.

node_version=24.21.0

new_enough() {
  [ -x "$1" ] || return 1
  version=$("$1" --version 2> /dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  [ "$major" -ge 24 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 19 ]; }
}

bring_node() {
  node=$(command -v node || true)
  if ! new_enough "$node"; then
    case $(uname -sm) in
      'Linux x86_64') flavour=x64 ;;
      'Linux aarch64') flavour=arm64 ;;
      *) fail "needs Node 22.19 or newer (here: ${node:-none}); install one and run this again" ;;
    esac
    home=$cache/node/$node_version
    node=$home/node_modules/node-linux-$flavour/bin/node
    new_enough "$node" || locked node install_node
  fi
  PATH=$(dirname "$node"):$PATH
  export PATH
}

install_node() {
  ! new_enough "$node" || return 0
  npm=$(command -v npm) || fail "needs npm to bring Node $node_version; install npm (Debian: apt-get install npm) and run this again"
  say "bringing Node $node_version from npm, as the one here is older than 22.19 (usually 10 s)"
  log=$logs/launcher-node.log
  rm -rf "$home".new.*
  new=$home.new.$$
  mkdir -p "$new"
  cp "$here/node/package.json" "$here/node/package-lock.json" "$new/"
  (cd "$new" && "$npm" ci --ignore-scripts --no-audit --no-fund < /dev/null > "$log" 2>&1) || fail "npm could not bring Node $node_version" "$log"
  new_enough "$new${node#"$home"}" || fail "npm brought no usable Node $node_version" "$log"
  rm -rf "$home"
  mv "$new" "$home"
}
