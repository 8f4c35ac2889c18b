/** One nft that stays and takes a transaction a line: 1.5 ms each, where a new process costs 45. */

import { type ChildProcess, spawn } from 'node:child_process';
import { Failure } from '../../../model/failure.ts';
import { parseJson } from '../../json.ts';
import { lastWords, programEnvironment, runProgram } from '../run-program.ts';

export interface NftAnswer {
  /** Parsed outputs, one for each listing that was asked for and exists. */
  readonly listings: readonly unknown[];
  /** What nft complained about; empty: nothing. */
  readonly errors: string;
}

export interface NftSession {
  /** Each line is a transaction of its own. CARE_DATAPLANE when nft can neither stay nor be run anew. */
  readonly ask: (...lines: readonly string[]) => Promise<NftAnswer>;
  readonly close: () => Promise<void>;
}

export interface NftSessionOptions {
  /** How nft is started so that it stays; default `nft -j -i`. */
  readonly interactive?: readonly string[];
  /** How it is started for one transaction on its standard input; default `nft -j -f -`. */
  readonly single?: readonly string[];
  /** After which an answer is not waited for any more. Default 5 s. */
  readonly timeoutMs?: number;
  /** Told once when nft cannot stay, and each transaction costs a process. */
  readonly fellBack?: (why: string) => void;
}

/** A query whose answer is always the same line, known without asking the kernel: so the answers before it are complete. */
const marker = { line: 'describe ip saddr', answer: 'payload expression' };

/** Nothing is started before the first question. One question at a time; others wait their turn. */
export function openNftSession(options: NftSessionOptions = {}): NftSession {
  const { interactive = ['nft', '-j', '-i'], single = ['nft', '-j', '-f', '-'], timeoutMs = 5000 } = options;
  let process: Coprocess | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let failures = 0;
  let toldFallback = false;

  const askStaying = async (lines: readonly string[]): Promise<NftAnswer> => {
    if (process === undefined || process.ended()) process = startCoprocess(interactive);
    try {
      const answer = await process.ask(lines, timeoutMs);
      failures = 0;
      return answer;
    } catch (error) {
      process.kill();
      process = undefined;
      throw error;
    }
  };

  const ask = async (lines: readonly string[]): Promise<NftAnswer> => {
    // A transaction asks for a state, not for a change: that it may already have been done is no harm.
    while (failures < 2) {
      try {
        return await askStaying(lines);
      } catch (error) {
        failures += 1;
        if (failures === 2 && !toldFallback) {
          toldFallback = true;
          options.fellBack?.(error instanceof Error ? error.message : String(error));
        }
      }
    }
    const answer = await askEach(single, lines);
    // Perhaps it was only killed twice: the next question tries again to make it stay.
    failures = 1;
    return answer;
  };

  return {
    ask: (...lines) => {
      const answer = turn.then(() => ask(lines));
      turn = answer.catch(() => undefined);
      return answer;
    },
    close: async () => {
      await turn;
      await process?.end();
      process = undefined;
    },
  };
}

async function askEach(argv: readonly string[], lines: readonly string[]): Promise<NftAnswer> {
  const listings: unknown[] = [];
  let errors = '';
  for (const line of lines) {
    const result = await runProgram(argv, `${line}\n`);
    if (result.code !== 0) errors += `${lastWords(result)}\n`;
    else if (result.stdout.trim() !== '') listings.push(parseJson(result.stdout));
  }
  return { listings, errors };
}

interface Coprocess {
  readonly ask: (lines: readonly string[], timeoutMs: number) => Promise<NftAnswer>;
  readonly ended: () => boolean;
  readonly kill: () => void;
  readonly end: () => Promise<void>;
}

function startCoprocess([program = 'nft', ...rest]: readonly string[]): Coprocess {
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: programEnvironment() });
  const output = { lines: '', errors: '' };
  let wake: () => void = () => undefined;
  let death: Failure | undefined;
  const died = (why: string, cause?: unknown) => {
    death ??= new Failure('CARE_DATAPLANE', `nft does not stay to take transactions: ${why}`, { cause });
    wake();
  };
  child.once('error', (error) => died(error.message, error));
  child.once('close', (code, signal) =>
    died(`it ended with ${signal ?? `status ${code}`}${output.errors === '' ? '' : `: ${output.errors.trim()}`}`),
  );
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.lines += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.errors += text;
  });

  const ask = async (lines: readonly string[], timeoutMs: number): Promise<NftAnswer> => {
    output.lines = '';
    output.errors = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      wake();
    }, timeoutMs);
    try {
      child.stdin.write(`${[...lines, marker.line].join('\n')}\n`);
      while (!isComplete(output.lines)) {
        if (death !== undefined) throw death;
        if (late) throw new Failure('CARE_DATAPLANE', `nft did not answer within ${timeoutMs} ms`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
    // Its complaints were written before the marker's answer, to another pipe: one more round of the event loop reads them.
    for (let rounds = 0; rounds < 2; rounds++) await new Promise((resolve) => setImmediate(resolve));
    const texts = output.lines.split('\n').filter((line) => line.startsWith('{'));
    return { listings: texts.map(parseJson), errors: output.errors.trim() };
  };

  return {
    ask,
    ended: () => death !== undefined,
    kill: () => void child.kill('SIGKILL'),
    end: () => endOf(child, () => death !== undefined),
  };
}

function isComplete(output: string): boolean {
  return output.endsWith('\n') && output.slice(output.lastIndexOf('\n', output.length - 2) + 1).startsWith(marker.answer);
}

async function endOf(child: ChildProcess, ended: () => boolean): Promise<void> {
  if (ended()) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), 1000);
  await closed;
  clearTimeout(timer);
}
