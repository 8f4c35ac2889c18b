/** Runs trivet as a user does, from the checkout's root. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../src/local/package-root.ts';

/** Its output goes to this terminal. Throws when it fails: trivet has said why. */
export async function trivet(...args: readonly string[]): Promise<void> {
  await run(args, false);
}

/** As above, but gives its standard output. */
export function trivetOutput(...args: readonly string[]): Promise<string> {
  return run(args, true);
}

/** Whether it succeeds, without a word of it. */
export async function trivetSucceeds(...args: readonly string[]): Promise<boolean> {
  const child = spawn(join(packageRoot(), 'trivet'), args, { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

async function run(args: readonly string[], capture: boolean): Promise<string> {
  console.log(`  $ ./trivet ${args.join(' ')}`);
  const child = spawn(join(packageRoot(), 'trivet'), args, { stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'] });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 130));
  });
  if (code !== 0) throw new Error(`./trivet ${args.join(' ')} ended with status ${code}`);
  return output;
}
