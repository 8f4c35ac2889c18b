/** Asks the running daemon over its unix socket. */

import { request } from 'node:http';
import { Failure } from '../../model/failure.ts';
import type { CareStatus } from '../status.ts';
import { readCareStatus } from './read-status.ts';

/** Throws Failure CARE_STATUS when no daemon listens, this user may not ask, or the answer is not understood. */
export async function fetchStatus(socket: string, signal: AbortSignal = AbortSignal.timeout(5000)): Promise<CareStatus> {
  const { status, text } = await get(socket, '/status', signal).catch((cause: unknown) => {
    throw unanswered(socket, cause);
  });
  if (status === 503)
    throw new Failure('CARE_STATUS', `trivet care shows nothing yet: ${text.trim()}`, { remedy: 'ask again in a second' });
  if (status !== 200) {
    throw new Failure('CARE_STATUS', `${socket} answers ${status}: it is not trivet care's`, {
      remedy: `see whose it is: ss -lxp | grep ${socket}`,
    });
  }
  return readCareStatus(text);
}

const mostBytes = 4 << 20;

function get(socketPath: string, path: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, signal, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (text.length > mostBytes) response.destroy(new Error('the answer is longer than 4 MiB'));
      });
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject).end();
  });
}

function unanswered(socket: string, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return new Failure('CARE_STATUS', `no trivet care runs here: there is no ${socket}`, {
        cause,
        remedy: 'systemctl status trivet-care; or name its socket: --socket PATH',
      });
    case 'ECONNREFUSED':
      return new Failure('CARE_STATUS', `trivet care does not run any more: nobody listens on ${socket}`, {
        cause,
        remedy: 'see why it ended: journalctl --unit trivet-care --lines 50',
      });
    case 'EACCES':
    case 'EPERM':
      return new Failure('CARE_STATUS', `only root may ask trivet care on ${socket}`, { cause, remedy: 'sudo trivet care status' });
    default: {
      const why = cause instanceof Error ? cause.message : String(cause);
      return new Failure('CARE_STATUS', `trivet care does not answer on ${socket}: ${why}`, {
        cause,
        remedy: 'journalctl --unit trivet-care --lines 50',
      });
    }
  }
}
