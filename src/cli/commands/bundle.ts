/** `trivet bundle create` and `trivet bundle verify`. */

import type { Command } from 'commander';
import type { EventBody } from '../../model/event.ts';
import { Failure } from '../../model/failure.ts';

interface CreateFlags {
  readonly from: string;
  readonly version?: string;
  readonly release: readonly string[];
  readonly output?: string;
  readonly refresh?: boolean;
}

/** Adds the command and its subcommands; what they need is loaded when they run. */
export function addBundleCommand(program: Command): void {
  const bundle = program.command('bundle').description('offline bundles: everything that machines without internet need');
  bundle
    .command('create')
    .description('build Kubernetes from its Go modules, fetch the Debian packages, and write both with their checksums')
    .requiredOption('--from <source>', 'where Kubernetes comes from: modules')
    .option('--version <version>', 'Kubernetes version (default: v1.34.4)')
    .option('--release <name>', 'Debian release of the machines, repeatable (default: trixie)', append, [])
    .option('--output <path>', 'a directory, or a file that ends in .tar (default: in the cache)')
    .option('--refresh', 'fetch the packages again, with the security updates of today')
    .action((flags: CreateFlags) => interruptible((signal) => create(flags, signal)));
  bundle
    .command('verify')
    .description('check every file of a bundle against its manifest')
    .argument('<path>', 'a directory or a .tar')
    .action((path: string) => interruptible((signal) => verify(path, signal)));
}

async function create(flags: CreateFlags, signal: AbortSignal): Promise<void> {
  if (flags.from !== 'modules') {
    throw new Failure('USAGE', `--from ${flags.from}: bundles are made from modules`, { remedy: 'trivet bundle create --from modules' });
  }
  const { createBundle } = await import('../../bundle/create-bundle.ts');
  const started = performance.now();
  const bundle = await createBundle({
    emit: (event) => print(event, started),
    signal,
    ...(flags.version !== undefined && { version: flags.version }),
    ...(flags.release.length > 0 && { releases: flags.release }),
    ...(flags.output !== undefined && { output: flags.output }),
    ...(flags.refresh && { refresh: new Date().toISOString() }),
  });
  process.stderr.write(`${summary(bundle.manifest.files)}, in ${seconds(started)} s\n`);
  process.stdout.write(`${flags.output ?? bundle.directory}\n`);
}

async function verify(path: string, signal: AbortSignal): Promise<void> {
  const { verifyBundle } = await import('../../bundle/verify-bundle.ts');
  const started = performance.now();
  const manifest = await verifyBundle(path, signal);
  process.stdout.write(
    `${path}: whole: Kubernetes ${manifest.kubernetesVersion}, ${summary(manifest.files)}, read in ${seconds(started)} s\n`,
  );
}

function summary(files: readonly { readonly part: string; readonly bytes: number }[]): string {
  const count = (part: string) => files.filter((file) => file.part === part).length;
  const megabytes = Math.round(files.reduce((sum, file) => sum + file.bytes, 0) / 1e6);
  return `${count('binary')} binary, ${count('image')} image archives, ${count('package')} packages, ${megabytes} MB`;
}

function print(event: EventBody, started: number): void {
  if (event.kind !== 'progress') return;
  const usual = event.usualSeconds === undefined ? '' : ` (usually ${event.usualSeconds} s)`;
  process.stderr.write(`${seconds(started).padStart(6)} s  ${event.message}${usual}\n`);
}

function seconds(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}

function append(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort(new Failure('INTERRUPTED', 'stopped; the next run goes on from here'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
