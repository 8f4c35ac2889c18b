/** Turns what OpenSSH prints when it cannot connect into a Failure: the only place that knows its phrases. */

import { Failure } from '../model/failure.ts';
import type { FailureCode } from '../model/failure-codes.ts';
import type { Host } from '../model/host.ts';

interface Known {
  readonly phrase: RegExp;
  readonly code: FailureCode;
  readonly cause: string;
}

/** In order: the first phrase that occurs decides. They are stable since OpenSSH 7. */
const known: readonly Known[] = [
  { phrase: /REMOTE HOST IDENTIFICATION HAS CHANGED/, code: 'HOST_KEY_CHANGED', cause: 'it shows another host key than the one recorded' },
  { phrase: /REVOKED HOST KEY DETECTED/, code: 'HOST_KEY_CHANGED', cause: 'its host key is marked as revoked' },
  { phrase: /Host key verification failed/, code: 'HOST_KEY_CHANGED', cause: 'its host key is not accepted' },
  {
    phrase: /UNPROTECTED PRIVATE KEY FILE|bad permissions/,
    code: 'AUTHENTICATION',
    cause: 'the private key file is readable by others, so ssh ignores it (chmod 600)',
  },
  { phrase: /Identity file .* not accessible/, code: 'AUTHENTICATION', cause: 'the private key file does not exist' },
  {
    phrase: /Load key .*: (invalid format|error in libcrypto)/,
    code: 'AUTHENTICATION',
    cause: 'the private key file is not a private key',
  },
  { phrase: /Load key .*: incorrect passphrase/, code: 'AUTHENTICATION', cause: 'the private key has a passphrase: add it to ssh-agent' },
  { phrase: /Too many authentication failures/, code: 'AUTHENTICATION', cause: 'too many keys were offered before the right one' },
  { phrase: /Permission denied/, code: 'AUTHENTICATION', cause: 'it refuses the user, the key or the password' },
  { phrase: /Could not resolve hostname/, code: 'CONNECTION_REFUSED', cause: 'its name is not known here' },
  {
    phrase: /Connection timed out|Operation timed out|timed out during banner/,
    code: 'CONNECTION_TIMEOUT',
    cause: 'nothing answers there',
  },
  { phrase: /No route to host|Network is unreachable|Host is down/, code: 'CONNECTION_TIMEOUT', cause: 'no network path leads there' },
  { phrase: /Connection refused/, code: 'CONNECTION_REFUSED', cause: 'no sshd listens there' },
  {
    phrase: /kex_exchange_identification|banner exchange|Connection (closed|reset) by/,
    code: 'CONNECTION_REFUSED',
    cause: 'it hung up before the login: it is booting, overloaded or blocks this address',
  },
  { phrase: /not responding|Broken pipe|Connection reset|client_loop/, code: 'CONNECTION_LOST', cause: 'the connection broke' },
];

/** stderr: of the ssh that was to open the connection. byHand: the same ssh as a person would type it. */
export function sshFailure(host: Host, stderr: string, byHand: string): Failure {
  const match = known.find(({ phrase }) => phrase.test(stderr));
  const said = lastLine(stderr);
  const cause = match?.cause ?? (said || 'ssh ended without saying why');
  const place = `${host.name} (${host.address}, port ${host.ssh.port}, user ${host.ssh.user})`;
  const code = match?.code ?? 'CONNECTION_REFUSED';
  if (code === 'HOST_KEY_CHANGED') return hostKeyFailure(host, place, stderr, cause);
  return new Failure(code, `cannot connect to ${place}: ${cause}`, {
    host: host.name,
    remedy: `Try: ${byHand}`,
    ...(said === '' ? {} : { findings: [`ssh: ${said}`] }),
  });
}

/** Whether the machine refused one more session on a connection that is otherwise sound (sshd's MaxSessions). */
export function isSessionRefused(stderr: string): boolean {
  return /[Ss]ession open refused by peer|open failed: (administratively prohibited|connect failed|resource shortage)/.test(stderr);
}

function hostKeyFailure(host: Host, place: string, stderr: string, cause: string): Failure {
  const offending = /Offending (?:\S+ )?key(?: for IP)? in (.+):(\d+)/.exec(stderr);
  const command = /^\s*(ssh-keygen -f .+ -R .+?)\s*$/m.exec(stderr)?.[1];
  const where = offending === null ? '' : `, line ${offending[2]} of ${offending[1]}`;
  const name = host.ssh.port === 22 ? host.address : `[${host.address}]:${host.ssh.port}`;
  return new Failure('HOST_KEY_CHANGED', `refused to connect to ${place}: ${cause}${where}; nothing was sent`, {
    host: host.name,
    remedy: `If the machine was installed anew, forget the old key: ${command ?? `ssh-keygen -R '${name}'`}. If not, somebody may be in between.`,
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
