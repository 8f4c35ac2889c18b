/** One machine's connection: what the rest of trivet sees, over sessions of OpenSSH. */

import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Connection, RunResult } from '../model/connection.ts';
import type { Host } from '../model/host.ts';
import { holdCommand } from './hold-command.ts';
import { machineFiles } from './machine-files.ts';
import { openTunnel, type TunnelTarget } from './open-tunnel.ts';
import { type Order, runOrder, type StopReason, untilStopped } from './order.ts';
import { stopped, unfinished } from './order-failure.ts';
import { type LinkContext, type ReopeningLink, reopeningLink } from './reopening-link.ts';
import { sshByHand } from './ssh-argv.ts';
import { isSessionRefused } from './ssh-failure.ts';
import { type Session, startSession } from './start-session.ts';

export interface HostContext extends LinkContext {
  /** Told when the connection was closed for good. */
  readonly closed: () => void;
}

export interface OpenableConnection extends Connection {
  /** Settles when the machine answers and root is reached. */
  readonly open: (signal?: AbortSignal) => Promise<void>;
  /** A TCP connection from the machine. */
  readonly tunnel: (target: TunnelTarget, signal?: AbortSignal) => Promise<Duplex>;
}

/** sshd allows ten sessions a connection: one keeps it open, one may be held, one ends what has to be ended. */
const parallelSessions = 7;

export function hostConnection(host: Host, context: HostContext): OpenableConnection {
  const limit = pLimit(parallelSessions);
  const link = reopeningLink(host, context);
  const place = { host, byHand: sshByHand(host, context.prefix) };
  const start = (order: Order, whenStopped: Promise<StopReason>) => startOrder({ place, link, order, whenStopped });
  const execute = (order: Order) =>
    limit(() => untilStopped(order, async (whenStopped) => await settle({ place, link, order, whenStopped })));
  return {
    host,
    open: async (signal) => void (await link.get(signal)),
    tunnel: async (target, signal) => openTunnel((await link.get(signal)).master.link, target),
    run: (argv, options = {}) => execute(runOrder(argv, options)),
    ...machineFiles(host, execute),
    hold: (argv) =>
      holdCommand({ host, argv, token: context.token, start: (order) => untilStopped(order, (whenStopped) => start(order, whenStopped)) }),
    close: async () => {
      await link.close();
      context.closed();
    },
  };
}

interface Execution {
  readonly place: { readonly host: Host; readonly byHand: string };
  readonly link: ReopeningLink;
  readonly order: Order;
  readonly whenStopped: Promise<StopReason>;
}

/** How often a session that sshd refused is asked for again: about 15 s in all. */
const refusedTries = 40;

/** Begins an order; what was certainly not sent is tried again: on a new connection once, and while sshd refuses more sessions. */
async function startOrder({ place, link, order, whenStopped }: Execution): Promise<Session> {
  let reopened = false;
  for (let refused = 0; ; ) {
    if (order.signal?.aborted) throw stopped(place, order, 'aborted');
    const { master, root } = await link.get(order.signal);
    // The machine's own limit comes after ours: it is for when this process is gone.
    const timeoutSeconds = order.timeoutSeconds === undefined ? 0 : order.timeoutSeconds + 5;
    const session = startSession({ ...order, link: master.link, root, timeoutSeconds });
    const begun = await Promise.race([session.started, whenStopped]);
    if (begun === true) return session;
    if (begun !== false) {
      await session.end();
      throw stopped(place, order, begun);
    }
    const outcome = await session.outcome;
    if (outcome.kind === 'finished') return session;
    if (outcome.kind !== 'unsent') throw unfinished(place, order.what, outcome);
    if (isSessionRefused(outcome.stderr) && refused < refusedTries) {
      refused += 1;
      await delay(Math.min(50 * refused, 500));
    } else if (!reopened) {
      reopened = true;
      await master.close();
    } else throw unfinished(place, order.what, outcome);
  }
}

/** Waits for an order's end, within its time and until it is aborted. */
async function settle(execution: Execution): Promise<RunResult> {
  const { place, order, whenStopped } = execution;
  const session = await startOrder(execution);
  const end = await Promise.race([session.outcome, whenStopped]);
  if (typeof end === 'object') {
    if (end.kind === 'finished') return end.result;
    throw unfinished(place, order.what, end);
  }
  await session.end();
  throw stopped(place, order, end);
}
