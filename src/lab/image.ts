/** The machines' root file system: built once per recipe, kept in the cache, never half there. */

import { chmod, glob, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { cacheDirectory } from '../local/directories.ts';
import type { Emit } from '../model/event.ts';
import { contained } from './contained.ts';
import { type ImageRecipe, imageFiles, imageName, maskedUnits, minimalPackages, preparationUnit, removedPaths } from './image-recipe.ts';
import { withLock } from './local-lock.ts';
import { runTool } from './run-tool.ts';

interface Context {
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** Path of the image of a recipe; built first when it is not in the cache. LAB with a log when that fails. */
export async function cachedImage(recipe: ImageRecipe, context: Context): Promise<string> {
  const images = join(cacheDirectory(), 'images');
  const image = join(images, imageName(recipe));
  if (await exists(image)) return image;
  // The prepared image stands on the minimal one, which has a lock of its own.
  const minimal = recipe.packages.length === 0 ? undefined : await cachedImage({ ...recipe, packages: [] }, context);
  const onWait = () =>
    context.emit({
      kind: 'progress',
      task: 'image',
      message: 'another process is making the same image; waiting for it',
      usualSeconds: 75,
    });
  return withLock(`${image}.lock`, () => buildUnlessThere(recipe, { image, minimal, context }), { onWait, signal: context.signal });
}

async function buildUnlessThere(
  recipe: ImageRecipe,
  { image, minimal, context }: { readonly image: string; readonly minimal: string | undefined; readonly context: Context },
): Promise<string> {
  if (await exists(image)) return image;
  const partial = `${image}.partial`;
  const log = `${image}.log`;
  await rm(partial, { recursive: true, force: true });
  await rm(log, { force: true });
  if (minimal === undefined) {
    context.emit({
      kind: 'progress',
      task: 'image',
      message: `making the machines' root file system (Debian ${recipe.release})`,
      usualSeconds: 75,
    });
    await debootstrap(recipe.release, partial, log, context.signal);
  } else {
    context.emit({
      kind: 'progress',
      task: 'image',
      message: `adding ${recipe.packages.length} packages to the root file system`,
      usualSeconds: 60,
    });
    await runTool(['cp', '-a', '--reflink=auto', minimal, partial], { logFile: log, ...withSignal(context.signal) });
    await addPackages(recipe.packages, partial, log, context.signal);
  }
  await finish(partial);
  await rename(partial, image);
  return image;
}

async function debootstrap(release: string, target: string, logFile: string, signal: AbortSignal | undefined): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const include = `--include=${minimalPackages.join(',')}`;
  await runTool([...contained, 'debootstrap', '--variant=minbase', include, release, target], { logFile, ...withSignal(signal) });
}

async function addPackages(packages: readonly string[], target: string, logFile: string, signal: AbortSignal | undefined): Promise<void> {
  const files = packages.filter((name) => isAbsolute(name));
  const incoming = join(target, 'root/packages');
  await mkdir(incoming, { recursive: true });
  if (files.length > 0) await runTool(['cp', ...files, incoming], { logFile });
  await writeFile(join(target, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await writeFile(join(target, 'etc/resolv.conf'), await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
  const wanted = packages.map((name) => (isAbsolute(name) ? `/root/packages/${basename(name)}` : name));
  const script =
    'mount -t proc proc "$1/proc" && chroot "$1" apt-get update && root=$1 && shift && exec chroot "$root" apt-get install -y --no-install-recommends "$@"';
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runTool([...contained, 'sh', '-c', script, 'add', target, ...wanted], { logFile, env, ...withSignal(signal) });
  await rm(incoming, { recursive: true });
  await rm(join(target, 'usr/sbin/policy-rc.d'));
}

async function finish(root: string): Promise<void> {
  for await (const path of glob(removedPaths, { cwd: root })) await rm(join(root, path), { recursive: true, force: true });
  for (const [path, content] of Object.entries(imageFiles)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await rm(join(root, path), { force: true });
    await writeFile(join(root, path), content);
  }
  await mkdir(join(root, 'var/log/journal'), { recursive: true });
  await runTool(['systemctl', `--root=${root}`, 'mask', ...maskedUnits]);
  await runTool(['systemctl', `--root=${root}`, 'enable', preparationUnit]);
  await chmod(root, 0o755);
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
