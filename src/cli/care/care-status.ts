/** `trivet care status`: asks the daemon on this machine through its socket. */

import { parseArgs } from 'node:util';
import { Failure } from '../../model/failure.ts';
import { environmentName } from './flags.ts';

/** Exit status 1 when no connection gets through; with --alive only when the daemon does not answer. */
export async function careStatus(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const { socket, output, alive } = statusFlags(args, environment);
  const { fetchStatus } = await import('../../care/show/fetch-status.ts');
  const status = await fetchStatus(socket);
  if (alive) return 0;
  if (output === 'json') process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  else {
    const { careStatusText } = await import('../../care/show/status-text.ts');
    process.stdout.write(careStatusText(status, Date.now()));
  }
  return status.table === 'serve' ? 0 : 1;
}

/** USAGE when they are not understood. */
export function statusFlags(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { readonly socket: string; readonly output: 'text' | 'json'; readonly alive: boolean } {
  const parsed = parse(args);
  const output = parsed.output ?? 'text';
  if (output !== 'text' && output !== 'json') {
    throw new Failure('USAGE', `-o ${output}: text or json`, { remedy: 'trivet care status -o json' });
  }
  return {
    socket: parsed.socket ?? environment[environmentName('socket')] ?? '/run/trivet-care/care.sock',
    output,
    alive: parsed.alive ?? false,
  };
}

function parse(args: readonly string[]): { readonly socket?: string; readonly output?: string; readonly alive?: boolean } {
  try {
    return parseArgs({
      args: [...args],
      options: { socket: { type: 'string' }, output: { type: 'string', short: 'o' }, alive: { type: 'boolean' } },
    }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('USAGE', `trivet care status: ${message}`, {
      remedy: 'trivet care status [--socket FILE] [-o json] [--alive]',
      cause,
    });
  }
}
