/** Runs reset's real shell scripts on a fake machine: its files in a scratch directory, its programs as small stand-ins. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunResult } from '../../src/model/connection.ts';
import type { Answer, FakeMachine } from './fake-machine.ts';

/** Every `sh -c SCRIPT` without arguments that comes before the usual answers goes through a real shell. */
export const inSandbox: Answer = (argv, machine) => {
  const [shell, flags, script = ''] = argv;
  return shell === 'sh' && flags === '-c' && argv.length === 3 && !script.startsWith('grep -qw overlay')
    ? runScript(machine, script)
    : undefined;
};

function runScript(machine: FakeMachine, script: string): Partial<RunResult> {
  const root = mkdtempSync(join(tmpdir(), 'trivet-sandbox-'));
  try {
    writeMachine(machine, root);
    const env = { PATH: `${join(root, '.state/bin')}:/usr/bin:/bin`, STATE: join(root, '.state'), ROOT: root, LC_ALL: 'C' };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', moved(script, root)], { env, cwd: root, encoding: 'utf8' });
    readMachine(machine, root);
    return { code: status ?? 255, stdout: stdout.replaceAll(root, ''), stderr: stderr.replaceAll(root, '') };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The script with every absolute path below root; throws when one would be left, since these scripts remove things. */
function moved(script: string, root: string): string {
  const inside = script.replaceAll(/(?<![\w./}~*-])\/(etc|var|usr|opt|run|root|sys|proc)(?=[/\s'";)]|$)/gm, `${root}/$1`);
  const outside = inside.replaceAll(root, 'ROOT').replaceAll(/\/dev\/null|unix:\/\/\S+/g, '');
  const stray = /(?:^|[^\w.}\])$*~-])\/[a-z][\w/]*/m.exec(outside);
  if (stray !== null) throw new Error(`sandbox: a path would lead outside: ${stray[0]}`);
  return inside;
}

function writeMachine(machine: FakeMachine, root: string): void {
  for (const [path, { content, mode, target }] of machine.files) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (target !== undefined) {
      symlinkSync(target.startsWith('/') ? join(root, target) : target, place);
      continue;
    }
    writeFileSync(place, content);
    chmodSync(place, mode);
  }
  for (const directory of ['bin', 'units', 'packages']) mkdirSync(join(root, '.state', directory), { recursive: true });
  mkdirSync(join(root, 'proc'), { recursive: true });
  writeFileSync(join(root, 'proc/mounts'), '');
  for (const name of machine.units.keys()) {
    const unit = machine.units.get(name);
    if (unit !== undefined) writeFileSync(join(root, '.state/units', name), `${unit.enabled} ${unit.active}`);
  }
  for (const name of machine.packages) writeFileSync(join(root, '.state/packages', name), '');
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(root, '.state/bin', name), `#!/bin/sh\n${text}`);
    chmodSync(join(root, '.state/bin', name), 0o755);
  }
}

function readMachine(machine: FakeMachine, root: string): void {
  for (const name of [...machine.packages]) if (!exists(join(root, '.state/packages', name))) machine.packages.delete(name);
  machine.files.clear();
  for (const place of walk(root)) {
    const path = place.slice(root.length);
    if (path.startsWith('/.state/') || path === '/proc/mounts') continue;
    const { mode } = lstatSync(place);
    if (lstatSync(place).isSymbolicLink()) machine.put(path, { target: readlinkSync(place).replace(root, ''), mode: 0o777 });
    else machine.put(path, { content: readFileSync(place, 'utf8'), mode: mode & 0o7777 });
  }
  for (const name of readdirSync(join(root, '.state/units'))) {
    const [enabled, active] = readFileSync(join(root, '.state/units', name), 'utf8')
      .trim()
      .split(' ');
    const unit = machine.units.get(name);
    if (unit !== undefined) Object.assign(unit, { enabled: enabled === 'true', active: active === 'true' });
  }
}

function walk(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** `verb unit…` on files that hold "enabled active"; a package's purge takes its own files along. */
const programs = {
  systemctl: `
quiet=; [ "$1" = -q ] && shift
verb=$1; [ $# -gt 0 ] && shift
[ "$verb" = daemon-reload ] && exit 0
status=0
for unit; do
  file=$STATE/units/\${unit%.service}.service
  [ -e "$file" ] || { status=5; continue; }
  read -r enabled active < "$file"
  case $verb in
    is-active) [ "$active" = true ] || status=3 ;;
    enable) enabled=true ;;
    disable) enabled=false ;;
    start|restart) active=true ;;
    stop) active=false ;;
    *) echo "systemctl $verb?" >&2; exit 64 ;;
  esac
  echo "$enabled $active" > "$file"
done
exit $status
`,
  dpkg: `
[ "$1" = --purge ] || exit 64
shift
for name; do
  rm -f "$STATE/packages/$name"
  case $name in
    containerd) rm -f "$ROOT/etc/containerd/config.toml" ;;
    containernetworking-plugins) rm -rf "$ROOT/usr/lib/cni" ;;
  esac
done
`,
  'dpkg-query': `for name; do :; done; [ -e "$STATE/packages/$name" ] && printf installed\n`,
  kubeadm: `[ "$1" = reset ] && rm -rf "$ROOT"/etc/kubernetes/manifests "$ROOT"/etc/kubernetes/pki "$ROOT"/etc/kubernetes/*.conf\n`,
  ctr: `
case "$*" in
  *'images ls -q') cat "$ROOT/var/lib/containerd/images" 2> /dev/null ;;
  *'images rm '*) rm -f "$ROOT/var/lib/containerd/images" ;;
  *'tasks ls -q'|*'containers ls -q') ;;
  *) exit 64 ;;
esac
`,
  getent: '[ "$1" = passwd ] && grep -qs "^$2:" "$ROOT/etc/passwd"\n',
  userdel: 'sed -i "/^$1:/d" "$ROOT/etc/passwd"; [ -s "$ROOT/etc/passwd" ] || rm -f "$ROOT/etc/passwd"\n',
  ip: 'exit 0\n',
  nft: 'exit 1\n',
  umount: 'exit 64\n',
};
