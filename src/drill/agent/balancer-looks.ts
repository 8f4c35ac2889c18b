/** What the balancer on this machine thinks of each apiserver: haproxy by its runtime socket, trivet care by its status socket. */

import { connect } from 'node:net';
import { fetchStatus } from '../../care/show/fetch-status.ts';
import { type BalancerBackend, haproxyBackends } from '../../facts/balancer.ts';

export type BackendState = 'UP' | 'SUSPECT' | 'DRAIN' | 'DOWN';

const timeoutMs = 1000;

/** By the backend's name; undefined when nobody answers. */
export async function lookAtHaproxy(socketPath: string): Promise<Readonly<Record<string, BackendState>> | undefined> {
  try {
    const backends = haproxyBackends((await ask(socketPath, 'show stat -1 4 -1\n')).split('\n'));
    return backends && Object.fromEntries(backends.map((backend) => [backend.name, stateOf(backend)]));
  } catch {
    return undefined;
  }
}

/** By the backend's address; undefined when nobody answers. */
export async function lookAtCare(socketPath: string): Promise<Readonly<Record<string, BackendState>> | undefined> {
  try {
    const { backends } = await fetchStatus(socketPath, AbortSignal.timeout(timeoutMs));
    return Object.fromEntries(backends.map(({ address, state }) => [address, state]));
  } catch {
    return undefined;
  }
}

/** In haproxy a backend stays UP while its first questions fail: the last one's result tells. */
function stateOf({ state, lastCheck }: BalancerBackend): BackendState {
  if (state === 'UP') return lastCheck === '' || /^L\dOK/.test(lastCheck) ? 'UP' : 'SUSPECT';
  return state === 'DRAIN' || state === 'NOLB' ? 'DRAIN' : 'DOWN';
}

function ask(path: string, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ path, signal: AbortSignal.timeout(timeoutMs) });
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
    socket.end(words);
  });
}
