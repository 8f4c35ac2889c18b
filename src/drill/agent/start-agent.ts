/** Starts an agent on a machine and follows it: its program, its unit, its events on this process's clock. */

import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../../model/connection.ts';
import { Failure } from '../../model/failure.ts';
import { Secret } from '../../model/secret.ts';
import type { AgentInput, AgentProgram, RunningAgent } from './agent.ts';
import type { AgentPlan } from './agent-plan.ts';
import {
  agentUnit,
  drillDirectory,
  findProgramArgv,
  programPath,
  removeAgentArgv,
  removeOthersArgv,
  startAgentArgv,
} from './agent-scripts.ts';
import { type Following, followAgent } from './follow-agent.ts';

/** For the first answer; the process itself is up by then. */
const answerSeconds = 20;
/** Attempts under way have their own timeout, and the end has to come over. */
const endSeconds = 15;
/** After so long without the end it is asked whether there is still an agent. */
const doubtMs = 2500;

/**
 * The signal ends the start only: what was started is ended by stop(), also after Ctrl-C. Failures: DRILL_AGENT when the process does not
 * start there, and those of the connection.
 */
export async function startAgent(input: AgentInput): Promise<RunningAgent> {
  const { host, id, signal } = input;
  if (!/^[A-Za-z0-9-]{1,40}$/.test(id)) throw new Failure('INTERNAL', `not an id for an agent: ${id}`);
  const connection = await input.connect(host, signal);
  const program = await programOn(connection, input.program, signal);
  const plan = planOf(input);
  const port = await start(connection, { id, program, plan, signal });
  const following = followAgent({ token: plan.token, open: (closed) => input.tunnel(host, { address: '127.0.0.1', port }, closed) });
  const running = runningAgent(input, following);
  try {
    const late = delay(answerSeconds * 1000, 'late', { ref: false });
    const interrupted = new Promise<'interrupted'>((resolve) =>
      signal.addEventListener('abort', () => resolve('interrupted'), { once: true }),
    );
    const first = await Promise.race([following.answered, late, interrupted]);
    if (first === 'late') {
      throw new Failure('DRILL_AGENT', `the drill's process on ${host.name} runs, and does not answer through SSH`, {
        host: host.name,
        remedy: `see whether its sshd allows forwarding (AllowTcpForwarding); journalctl --unit ${agentUnit(id)}`,
      });
    }
    signal.throwIfAborted();
    return running;
  } catch (error) {
    following.close();
    await remove(input);
    throw error;
  }
}

function planOf({ host, probes, samples, maximumSeconds, aloneSeconds, skewMs }: AgentInput): AgentPlan {
  return {
    from: host.name,
    token: randomBytes(24).toString('hex'),
    ...(probes === undefined ? {} : { probes }),
    samples,
    maximumSeconds,
    ...(aloneSeconds === undefined ? {} : { aloneSeconds }),
    ...(skewMs === undefined ? {} : { skewMs }),
  };
}

async function programOn(connection: Connection, { path, sha256 }: AgentProgram, signal: AbortSignal): Promise<string> {
  const { size } = await stat(path);
  const found = (await connection.run(findProgramArgv({ sha256, bytes: size }), { signal, timeoutSeconds: 120 })).stdout.trim();
  if (found !== '') return found;
  const target = programPath(sha256);
  await connection.upload(path, target, { mode: 0o700, owner: 'root:root', sha256, signal });
  await connection.run(removeOthersArgv(sha256), { signal });
  return target;
}

async function start(
  connection: Connection,
  { id, program, plan, signal }: { readonly id: string; readonly program: string; readonly plan: AgentPlan; readonly signal: AbortSignal },
): Promise<number> {
  const argv = startAgentArgv({ id, program, seconds: plan.maximumSeconds + 60 });
  const { code, stdout, stderr } = await connection.run(argv, { stdin: new Secret(JSON.stringify(plan)), signal });
  const port = Number(stdout.trim());
  if (code === 0 && port > 0) return port;
  const { name } = connection.host;
  throw new Failure('DRILL_AGENT', `the drill's process does not start on ${name}: ${lastLine(stderr)}`, {
    host: name,
    remedy: `on ${name}: journalctl --unit ${agentUnit(id)}; is there room in ${drillDirectory}, and is it mounted noexec?`,
    findings: stderr.trim().split('\n').slice(-5),
  });
}

function runningAgent(input: AgentInput, following: Following): RunningAgent {
  let final: ReturnType<Following['close']> | undefined;
  return {
    from: input.host.name,
    get events() {
      return final?.events ?? following.events;
    },
    get looks() {
      return final?.looks ?? following.looks;
    },
    get errorMs() {
      return final?.errorMs ?? following.errorMs;
    },
    get heardMs() {
      return following.heardMs;
    },
    async stop() {
      const why = await Promise.race([
        following.finish(),
        doubted(input),
        delay(endSeconds * 1000, 'it did not end in time', { ref: false }),
      ]);
      final ??= following.close();
      await remove(input);
      const { events, errorMs, dropped } = final;
      const missing = [
        ...(why === undefined ? [] : [`what ${input.host.name} saw last could not be fetched: ${why}`]),
        ...(dropped === 0 ? [] : [`${dropped} events were dropped on ${input.host.name}: the operator was away for too long`]),
      ];
      return { events, errorMs, ...(missing.length === 0 ? {} : { missing: missing.join('; ') }) };
    },
  };
}

/** Settles when there is no agent any more that could tell something: with the reason. Else never. */
async function doubted({ host, id, connect }: AgentInput): Promise<string> {
  await delay(doubtMs, undefined, { ref: false });
  const within = AbortSignal.timeout(5000);
  try {
    const connection = await connect(host, within);
    const { stdout } = await connection.run(['systemctl', 'is-active', agentUnit(id)], { signal: within, timeoutSeconds: 5 });
    if (stdout.trim() !== 'active') return 'its process is gone (was the machine restarted?)';
  } catch (error) {
    return `the machine does not answer (${error instanceof Error ? error.message : String(error)})`;
  }
  return new Promise(() => undefined);
}

/** A machine that does not answer is left to systemd there, which ends the process after its time. */
async function remove({ host, id, connect }: AgentInput): Promise<void> {
  const within = AbortSignal.timeout(8000);
  try {
    await (await connect(host, within)).run(removeAgentArgv(id), { signal: within, timeoutSeconds: 8 });
  } catch {
    // Said by stop() already, if anything is missing.
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'it said nothing';
}
