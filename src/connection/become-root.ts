/** Finds out how the SSH user becomes root: it is root, sudo asks nothing, or sudo wants the password. */

import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Secret } from '../model/secret.ts';
import type { Outcome, RootAccess } from './remote-script.ts';

/** Tries one kind of access with a command that does nothing. */
export type TryRoot = (root: RootAccess) => Promise<Outcome>;

/** SUDO when there is no way; the outcome of a broken connection is for the caller to name. */
export async function becomeRoot(host: Host, password: Secret | undefined, tryRoot: TryRoot): Promise<RootAccess | Outcome> {
  if (host.ssh.user === 'root') return { kind: 'root' };
  const silent = await tryRoot({ kind: 'sudo' });
  if (silent.kind === 'finished') return { kind: 'sudo' };
  if (silent.kind !== 'not-started' || silent.code === 255) return silent;
  if (/not found|No such file/.test(silent.stderr))
    throw sudoFailure(host, 'there is no sudo on it', 'Install sudo there, or connect as root.');
  if (password === undefined) {
    throw sudoFailure(
      host,
      lastLine(silent.stderr) || 'sudo refuses',
      `Give ssh.password for this host, allow it without one (echo '${host.ssh.user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/trivet), or connect as root.`,
    );
  }
  const asked = await tryRoot({ kind: 'sudo-with-password', password });
  if (asked.kind === 'finished') return { kind: 'sudo-with-password', password };
  if (asked.kind !== 'not-started' || asked.code === 255) return asked;
  const wrong = /incorrect password|Sorry, try again|no password was provided/.test(asked.stderr);
  throw sudoFailure(
    host,
    wrong ? 'sudo does not accept the password' : lastLine(asked.stderr) || 'sudo refuses',
    wrong ? 'Check the password that ssh.password names: sudo asks for the same one as sshd.' : 'Log in and see: sudo -l',
  );
}

function sudoFailure(host: Host, cause: string, remedy: string): Failure {
  return new Failure('SUDO', `${host.ssh.user} cannot become root on ${host.name} (${host.address}): ${cause}`, {
    host: host.name,
    remedy,
  });
}

function lastLine(stderr: string): string {
  return stderr.trim().split('\n').at(-1)?.trim() ?? '';
}
