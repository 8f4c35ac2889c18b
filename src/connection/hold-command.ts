/** Keeps a command running on a machine for as long as this process lives and wants it. */

import type { Held } from '../model/connection.ts';
import { Failure } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import { commandName, type Order } from './order.ts';
import { heldScript, type Outcome } from './remote-script.ts';
import type { Session } from './start-session.ts';

interface HoldInput {
  readonly host: Host;
  readonly argv: readonly string[];
  readonly token: string;
  readonly start: (order: Order) => Promise<Session>;
}

const heartbeatMs = 10_000;
const firstLineMs = 60_000;
const releaseMs = 3000;

/** A newline goes to the command's standard input every 10 s; the input ends with release() and with this process. */
export async function holdCommand({ host, argv, token, start }: HoldInput): Promise<Held> {
  const what = commandName(argv);
  const session = await start({ script: heldScript(token, argv), what, timeoutSeconds: undefined, feed: () => undefined });
  const heartbeat = setInterval(() => session.stdin.write('\n'), heartbeatMs);
  heartbeat.unref();
  let forced = false;
  const ended = session.outcome
    .then(
      (outcome) => endStatus(outcome, forced),
      () => 255,
    )
    .finally(() => clearInterval(heartbeat));
  const force = async () => {
    forced = true;
    await session.end();
  };
  const firstLine = await firstLineOf(session);
  if (firstLine === undefined) {
    await force();
    throw noLine(host, what, await session.outcome);
  }
  return {
    firstLine,
    ended,
    release: async () => {
      session.stdin.end();
      const late = setTimeout(() => void force(), releaseMs);
      await ended;
      clearTimeout(late);
    },
  };
}

async function firstLineOf(session: Session): Promise<string | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), firstLineMs);
  const line = await Promise.race([session.firstLine, late.promise]);
  clearTimeout(timer);
  return line;
}

/** 128+15 when it had to be ended, 255 when the connection broke. */
function endStatus(outcome: Outcome, forced: boolean): number {
  if (outcome.kind === 'finished') return outcome.result.code;
  return forced ? 143 : 255;
}

function noLine(host: Host, what: string, outcome: Outcome): Failure {
  const { code, stderr } = outcome.kind === 'finished' ? outcome.result : { code: undefined, stderr: outcome.stderr };
  const said = stderr.trim();
  const end = code === undefined ? 'did not answer' : `ended with exit ${code}`;
  return new Failure(
    code === undefined ? 'CONNECTION_LOST' : 'STEP_FAILED',
    `${what} on ${host.name} ${end} before its first line of output`,
    {
      host: host.name,
      ...(said === '' ? {} : { findings: said.split('\n').slice(-3) }),
    },
  );
}
