/** The programs that a lab needs on the box, and their installation where that is easy. */

import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { runLocal } from '../local/run-local.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { toolPath } from './run-tool.ts';

const packageOf: Readonly<Record<string, string>> = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  ip: 'iproute2',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  mount: 'mount',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
};

/** LAB unless this process is root: namespaces, mounts and cgroups need it. */
export function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Failure('LAB', 'a lab needs root: it makes namespaces, mounts and cgroups', { remedy: 'Run the same command with sudo' });
}

/** Installs what is missing by apt-get on Debian and its like; TOOL_MISSING elsewhere, or when that fails. */
export async function ensureTools(emit: Emit, signal?: AbortSignal): Promise<void> {
  const missing = await missingTools();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => packageOf[tool] ?? tool))];
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const failure = (log?: string) =>
    new Failure('TOOL_MISSING', `the lab needs ${missing.join(', ')}`, { remedy: command, ...(log === undefined ? {} : { log }) });
  if (!(await isExecutable('apt-get'))) throw failure();
  emit({ kind: 'progress', task: 'tools', message: `installing ${packages.join(', ')}`, usualSeconds: 20 });
  const options = { env: { PATH: toolPath(), DEBIAN_FRONTEND: 'noninteractive' }, ...(signal === undefined ? {} : { signal }) };
  // A foreign repository that does not answer makes update fail, though Debian's own lists came.
  await runLocal(['apt-get', 'update', '-q'], options);
  const install = await runLocal(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...packages], options);
  const still = await missingTools();
  if (install.code !== 0 || still.length > 0)
    throw new Failure('TOOL_MISSING', `apt-get could not install ${packages.join(', ')}: ${install.stderr.trim().split('\n').at(-1)}`, {
      remedy: command,
    });
}

async function missingTools(): Promise<readonly string[]> {
  const found = await Promise.all(Object.keys(packageOf).map(async (tool) => ({ tool, there: await isExecutable(tool) })));
  return found.filter(({ there }) => !there).map(({ tool }) => tool);
}

async function isExecutable(tool: string): Promise<boolean> {
  for (const directory of toolPath().split(':')) {
    const there = await access(join(directory, tool), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
