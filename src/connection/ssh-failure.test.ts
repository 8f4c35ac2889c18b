/** What OpenSSH 9.2 really printed (LogLevel=ERROR) for each way in which connecting fails. */

import { expect, test } from 'vitest';
import type { Host } from '../model/host.ts';
import { sshByHand } from './ssh-argv.ts';
import { isSessionRefused, sshFailure } from './ssh-failure.ts';

const host: Host = {
  name: 'm1',
  address: '192.0.2.11',
  internalAddress: '192.0.2.11',
  roles: ['master'],
  ssh: { user: 'root', port: 2222, keyFile: '/k/key', password: undefined, knownHosts: '/k/known' },
  labels: {},
  taints: [],
  interface: undefined,
};

const changedKey = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
Someone could be eavesdropping on you right now (man-in-the-middle attack)!
It is also possible that a host key has just been changed.
The fingerprint for the ED25519 key sent by the remote host is
SHA256:3wEdLzK8AKytR80FL2a8sD0CxKjKOQs+zV/Vmsj88+0.\r
Please contact your system administrator.
Add correct host key in /k/known to get rid of this message.\r
Offending ED25519 key in /k/known:7\r
  remove with:\r
  ssh-keygen -f "/k/known" -R "[192.0.2.11]:2222"\r
Host key for [192.0.2.11]:2222 has changed and you have requested strict checking.\r
Host key verification failed.\r
`;

test.each([
  ['ssh: connect to host 192.0.2.11 port 2222: Connection refused\r\n', 'CONNECTION_REFUSED'],
  ['ssh: connect to host 192.0.2.11 port 2222: Connection timed out\r\n', 'CONNECTION_TIMEOUT'],
  ['ssh: connect to host 192.0.2.11 port 2222: No route to host\r\n', 'CONNECTION_TIMEOUT'],
  ['ssh: connect to host 198.51.100.9 port 2222: Network is unreachable\r\n', 'CONNECTION_TIMEOUT'],
  ['Connection timed out during banner exchange\n', 'CONNECTION_TIMEOUT'],
  ['kex_exchange_identification: read: Connection reset by peer\n', 'CONNECTION_REFUSED'],
  ['kex_exchange_identification: Connection closed by remote host\n', 'CONNECTION_REFUSED'],
  ['ssh: Could not resolve hostname m1.invalid: Temporary failure in name resolution\r\n', 'CONNECTION_REFUSED'],
  ['alice@192.0.2.11: Permission denied (publickey,password,keyboard-interactive).\r\n', 'AUTHENTICATION'],
  ['Load key "/k/key": error in libcrypto\r\nroot@192.0.2.11: Permission denied (publickey).\r\n', 'AUTHENTICATION'],
  [changedKey, 'HOST_KEY_CHANGED'],
  ['Timeout, server 192.0.2.11 not responding.\r\n', 'CONNECTION_LOST'],
  ['something that no version prints yet\n', 'CONNECTION_REFUSED'],
] as const)('sshFailure: %j is %s', (stderr, code) => {
  expect(sshFailure(host, stderr, 'ssh').code).toBe(code);
});

test('sshFailure: names host, address, port, user, cause and the next command', () => {
  const failure = sshFailure(host, 'ssh: connect to host 192.0.2.11 port 2222: Connection refused\r\n', sshByHand(host));
  expect(failure.message).toBe('cannot connect to m1 (192.0.2.11, port 2222, user root): no sshd listens there');
  expect(failure.remedy).toBe('Try: ssh -p 2222 -i /k/key -o UserKnownHostsFile=/k/known root@192.0.2.11');
});

test('sshFailure: a changed host key comes with its file, line and the command that forgets it', () => {
  const failure = sshFailure(host, changedKey, 'ssh');
  expect(failure.message).toContain('line 7 of /k/known; nothing was sent');
  expect(failure.remedy).toContain('ssh-keygen -f "/k/known" -R "[192.0.2.11]:2222"');
});

test('sshFailure: a key file with a bad content is named as the cause of the refusal', () => {
  const stderr = 'Load key "/k/key": error in libcrypto\r\nroot@192.0.2.11: Permission denied (publickey).\r\n';
  expect(sshFailure(host, stderr, 'ssh').message).toContain('not a private key');
});

test('isSessionRefused: knows what MaxSessions does to a session', () => {
  expect(isSessionRefused('mux_client_request_session: session request failed: Session open refused by peer\r\n')).toBe(true);
  expect(isSessionRefused('Control socket connect(/tmp/x): Connection refused\r\n')).toBe(false);
});
