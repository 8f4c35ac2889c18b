/** The argv of every ssh that is started: one that opens a machine's connection, and one for each session over it. */

import type { Host } from '../model/host.ts';
import { quote } from '../model/quote.ts';
import { unsentMark } from './remote-script.ts';

export interface MasterArgv {
  readonly host: Host;
  /** Put before ssh, to enter a network namespace. */
  readonly prefix: readonly string[];
  readonly socket: string;
  /** Whether an askpass program can answer. */
  readonly password: boolean;
  readonly remote: string;
}

/** Seconds that ssh itself waits for a TCP connection and the banner. */
export const connectTimeoutSeconds = 10;

/** Opens a connection and keeps it open for the sessions. The user's own ssh_config holds for all that is not set here. */
export function masterArgv({ host, prefix, socket, password, remote }: MasterArgv): readonly string[] {
  const options = [
    'ControlMaster=yes',
    `ControlPath=${socket}`,
    'ControlPersist=no',
    `ConnectTimeout=${connectTimeoutSeconds}`,
    'ConnectionAttempts=1',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    'StrictHostKeyChecking=accept-new',
    'UpdateHostKeys=no',
    `BatchMode=${password ? 'no' : 'yes'}`,
    'NumberOfPasswordPrompts=1',
    'LogLevel=ERROR',
    'RemoteCommand=none',
    'SessionType=default',
    'ForkAfterAuthentication=no',
    'StdinNull=no',
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ForwardX11=no',
    'EscapeChar=none',
    ...(host.ssh.knownHosts === undefined ? [] : [`UserKnownHostsFile=${pathOption(host.ssh.knownHosts)}`]),
    ...(host.ssh.keyFile === undefined ? [] : ['IdentitiesOnly=yes']),
  ];
  const key = host.ssh.keyFile === undefined ? [] : ['-i', host.ssh.keyFile];
  const target = ['-T', '-p', String(host.ssh.port), '-l', host.ssh.user, ...key];
  return [...prefix, 'ssh', ...options.flatMap((option) => ['-o', option]), ...target, '--', host.address, remote];
}

/** One session over an open connection. */
export function sessionArgv(socket: string, token: string, remote: string): readonly string[] {
  return [...throughSocket(socket, token), '-T', '--', 'machine', remote];
}

/** Standard input and output become a TCP connection from the machine. */
export function tunnelArgv(
  socket: string,
  token: string,
  { address, port }: { readonly address: string; readonly port: number },
): readonly string[] {
  return [...throughSocket(socket, token), '-W', `${address}:${port}`, '--', 'machine'];
}

/** Without the open connection, ssh would connect by itself: the ProxyCommand prevents and reports that. */
function throughSocket(socket: string, token: string): readonly string[] {
  // The inner shell keeps standard output open until the mark is out: at its end ssh kills the command.
  const proxy = `ProxyCommand=sh -c 'echo "${unsentMark(token)}" >&2; exit 1'`;
  const options = ['ControlMaster=no', `ControlPath=${socket}`, proxy, 'BatchMode=yes', 'LogLevel=ERROR', 'EscapeChar=none'];
  return ['ssh', '-F', 'none', ...options.flatMap((option) => ['-o', option])];
}

/** The command that a person would type to see the same problem. */
export function sshByHand(host: Host, prefix: readonly string[] = []): string {
  const { port, keyFile, knownHosts, user } = host.ssh;
  const known = knownHosts === undefined ? [] : ['-o', `UserKnownHostsFile=${pathOption(knownHosts)}`];
  const key = keyFile === undefined ? [] : ['-i', keyFile];
  return quote([...prefix, 'ssh', '-p', String(port), ...key, ...known, `${user}@${host.address}`]);
}

/** ssh splits some options at blanks and expands %: a path with either has to be quoted its way. */
function pathOption(path: string): string {
  const escaped = path.replaceAll('%', '%%');
  return /\s/.test(escaped) ? `"${escaped}"` : escaped;
}
