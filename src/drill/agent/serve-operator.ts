/** The agent's door: loopback only, and only for whoever knows the token. The operator may go and come again at any time. */

import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { monotonicMs } from '../probes/monotonic.ts';
import { type AgentRequest, requestSchema } from './agent-words.ts';
import type { Told } from './told.ts';

export interface OperatorDoor {
  readonly port: number;
  /** There is something new to tell; what comes within a tenth of a second of it is told with it. */
  readonly wake: () => void;
  /** When the operator last said anything, monotonic milliseconds; the beginning until then. */
  readonly heardMs: () => number;
  readonly close: () => void;
}

export interface DoorInput {
  readonly token: string;
  readonly told: Told;
  /** The clock that events are told by. */
  readonly nowMs: () => number;
  /** All has been told and nothing more will come. */
  readonly ended: () => boolean;
  readonly onStop: () => void;
  readonly onBye: () => void;
}

/** Whoever has not said the token by then is sent away. */
const tokenMs = 5000;
/** One write in place of many: each goes through sshd, ssh and the operator's trivet, and wakes all three. */
const togetherMs = 100;
/** So long as so much is not taken off, nothing is added. */
const mostUnsent = 1 << 20;

export async function serveOperator(input: DoorInput): Promise<OperatorDoor> {
  const callers = new Set<Caller>();
  let heardMs = monotonicMs();
  const heard = () => {
    heardMs = monotonicMs();
  };
  const server = createServer((socket) => {
    const caller = callerOn(socket, input, heard);
    callers.add(caller);
    socket.once('close', () => callers.delete(caller));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  let soon: NodeJS.Timeout | undefined;
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    wake() {
      soon ??= setTimeout(() => {
        soon = undefined;
        for (const caller of callers) caller.tell();
      }, togetherMs);
    },
    heardMs: () => heardMs,
    close() {
      clearTimeout(soon);
      server.close();
      for (const caller of callers) caller.close();
    },
  };
}

interface Caller {
  readonly tell: () => void;
  readonly close: () => void;
}

function callerOn(socket: Socket, input: DoorInput, heard: () => void): Caller {
  let known = false;
  /** The number of the next event to be sent; undefined: the caller has not asked. */
  let next: number | undefined;
  let endTold = false;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  const unknown = setTimeout(() => socket.destroy(), tokenMs);
  socket.once('close', () => clearTimeout(unknown));
  socket.on('drain', tell);

  function tell(): void {
    if (next === undefined || socket.writableLength > mostUnsent) return;
    const { told } = input;
    let lines = '';
    let all = true;
    for (const { n, text } of told.from(next)) {
      lines += `{"n":${n},${text}}\n`;
      next = n + 1;
      all = lines.length <= mostUnsent;
      if (!all) break;
    }
    if (lines !== '') socket.write(lines);
    if (!all) return;
    next = told.count;
    if (!input.ended() || endTold) return;
    endTold = true;
    socket.write(`{"end":${told.count}}\n`);
  }

  function carryOut(request: AgentRequest): void {
    switch (request.ask) {
      case 'ping':
        socket.write(`{"pong":${request.id},"ms":${input.nowMs()}}\n`);
        return;
      case 'events':
        input.told.forgetBefore(request.from);
        next = request.from;
        endTold = false;
        tell();
        return;
      case 'stop':
        input.onStop();
        return;
      case 'bye':
        socket.end();
        input.onBye();
    }
  }

  const lines = createInterface({ input: socket });
  lines.on('error', () => undefined);
  lines.on('line', (line) => {
    if (known) {
      heard();
      const request = requestSchema.safeParse(jsonOf(line));
      if (request.success) carryOut(request.data);
      else socket.destroy();
    } else if (isToken(line, input.token)) {
      known = true;
      clearTimeout(unknown);
    } else socket.destroy();
  });
  return { tell, close: () => socket.destroy() };
}

function isToken(line: string, token: string): boolean {
  const [said, wanted] = [Buffer.from(line), Buffer.from(token)];
  return said.length === wanted.length && timingSafeEqual(said, wanted);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
