/** Why an order has no result, as a Failure: told from how far it got. */

import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Order, StopReason } from './order.ts';
import type { Outcome } from './remote-script.ts';
import { isSessionRefused, sshFailure } from './ssh-failure.ts';

export interface Place {
  readonly host: Host;
  /** The ssh command that a person would type. */
  readonly byHand: string;
}

export function unfinished({ host, byHand }: Place, what: string, outcome: Exclude<Outcome, { kind: 'finished' }>): Failure {
  const said = outcome.stderr.trim();
  const details = { host: host.name, remedy: `Try: ${byHand}`, ...(said === '' ? {} : { findings: said.split('\n').slice(-3) }) };
  if (outcome.kind === 'unsent') {
    if (!isSessionRefused(said)) return sshFailure(host, said, byHand);
    const message = `${host.name} refuses another session on its connection, so ${what} was not sent`;
    return new Failure('CONNECTION_REFUSED', message, {
      ...details,
      remedy: 'Raise MaxSessions in its /etc/ssh/sshd_config: trivet uses 10.',
    });
  }
  if (outcome.kind === 'not-started' && outcome.code !== 255) {
    const message = `${host.name} (${host.address}) did not start ${what}: exit ${outcome.code}`;
    return new Failure(/sudo|password/.test(said) ? 'SUDO' : 'STEP_FAILED', message, details);
  }
  const message = `the connection to ${host.name} (${host.address}) broke during ${what}: it may or may not have finished there`;
  return new Failure('CONNECTION_LOST', message, details);
}

export function stopped({ host, byHand }: Place, { what, timeoutSeconds }: Order, reason: StopReason): Failure {
  if (reason === 'aborted') return new Failure('INTERRUPTED', `${what} on ${host.name} was stopped`, { host: host.name });
  return new Failure('CONNECTION_TIMEOUT', `${what} on ${host.name} did not finish within ${timeoutSeconds} s and was ended`, {
    host: host.name,
    remedy: `See what the machine is busy with: ${byHand}`,
  });
}
