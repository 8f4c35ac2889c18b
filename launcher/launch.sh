#!/bin/sh
# Brings what trivet needs to run from a checkout, then runs one of its tasks: demo, test, check, build, bundle (of the CLI) or tools.
# Everything it brings lies in node_modules/ and under $XDG_CACHE_HOME/trivet; each part can be interrupted and begun again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/trivet
logs=${XDG_STATE_HOME:-$HOME/.local/state}/trivet/logs
mkdir -p "$cache" "$logs"

# shellcheck source=launcher/say.sh
. "$here/say.sh"
. "$here/node.sh"
. "$here/modules.sh"
. "$here/machine.sh"

task=${1:-}
[ $# -eq 0 ] || shift
case $task in
  demo | test | check | build | bundle | tools) ;;
  *)
    echo "usage: launcher/launch.sh demo|test|check|build|bundle|tools [ARGS]" >&2
    exit 2
    ;;
esac

bring_node
bring_modules
case $task in
  bundle) bundle_cli ;;
  check) exec "$node" "$here/check.ts" "$@" ;;
  build)
    bundle_cli
    exec "$node" "$root/build/ship.mjs" "$@"
    ;;
  tools) bring_machine_tools ;;
  demo)
    bring_machine_tools
    bundle_cli
    exec "$node" "$root/demo/demo.ts" "$@"
    ;;
  test)
    bring_machine_tools
    bundle_cli
    exec "$node" "$here/test.ts" "$@"
    ;;
esac
