/** What every command about a cluster begins and ends with: read the file, enter the lab, bind, record, connect, close. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openConnections, type Tunnel } from '../connection/open-connections.ts';
import { recorder } from '../engine/event-recorder.ts';
import { stateDirectory } from '../local/directories.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Connect } from '../model/connection.ts';
import type { Emit, Event } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { askSecret } from './ask.ts';
import { bindCluster } from './bind-cluster.ts';
import { type ClusterOptions, readClusterSpec } from './cluster-options.ts';
import { enterLab } from './enter-lab.ts';

export interface Session {
  readonly cluster: Cluster;
  readonly connect: Connect;
  /** A TCP connection from a host. */
  readonly tunnel: Tunnel;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Ends the run, as Ctrl-C does. */
  readonly abort: (why: Failure) => void;
  /** The log of this run: every event, as NDJSON. */
  readonly logFile: string;
}

export interface SessionNeeds {
  /** Whether the bundle is opened and verified first. */
  readonly bundle: boolean;
  readonly listeners?: readonly ((event: Event) => void)[];
  /** Called before a question is asked, so that a live screen steps aside. */
  readonly beforeAsking?: () => void;
  /** For the log's name; default: the command reads only, and writes no log. */
  readonly command?: string;
}

export async function withCluster<T>(options: ClusterOptions, needs: SessionNeeds, work: (session: Session) => Promise<T>): Promise<T> {
  const warnings: string[] = [];
  const spec = await readClusterSpec(options, (message) => warnings.push(message));
  enterLab(spec.lab);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  const logFile = needs.command === undefined ? '/dev/null' : newLogFile(spec.name, needs.command);
  const { emit, close } = recorder({ file: logFile, now: () => new Date(), listeners: needs.listeners ?? [] });
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new Failure('INTERRUPTED', 'stopped', { remedy: 'run the same command again: it goes on from here' }));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const ask = (question: string) => {
    needs.beforeAsking?.();
    return askSecret(question);
  };
  const connections = openConnections({ emit, environment: process.env, ask });
  try {
    const cluster = await bindCluster(needs.bundle ? spec : { ...spec, bundle: undefined }, emit, { plans: needs.bundle });
    return await work({
      cluster,
      connect: connections.connect,
      tunnel: connections.tunnel,
      emit,
      signal: interrupt.signal,
      abort: (why) => interrupt.abort(why),
      logFile,
    });
  } catch (error) {
    throw withLog(error, logFile);
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    await connections.closeAll();
    await close();
  }
}

function newLogFile(cluster: string, command: string): string {
  const directory = join(stateDirectory(), 'logs');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return join(directory, `${cluster}-${command}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.ndjson`);
}

/** Every failure of a run names the run's log. */
function withLog(error: unknown, logFile: string): unknown {
  if (!(error instanceof Failure) || error.log !== undefined || logFile === '/dev/null') return error;
  return new Failure(error.code, error.message, {
    findings: error.findings,
    log: logFile,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(error.host === undefined ? {} : { host: error.host }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
}
