/** The kernel of machines that have their own: user-mode-linux, built once per recipe from Debian's source, kept in the cache. */

import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../../local/directories.ts';
import { runLocal } from '../../local/run-local.ts';
import type { Emit } from '../../model/event.ts';
import { Failure } from '../../model/failure.ts';
import { contained } from '../contained.ts';
import { cachedImage } from '../image.ts';
import { withLock } from '../local-lock.ts';
import { runTool, toolPath } from '../run-tool.ts';
import { buildPackages, buildScript, kernelConfiguration, kernelName, layerFiles, sourceSuite } from './kernel-recipe.ts';

export interface Kernel {
  /** Holds the program with its libraries, and what it puts over a machine's image. */
  readonly directory: string;
  /** Debian's package and version from which it was built. */
  readonly source: string;
}

interface Context {
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

export interface KernelDirectories {
  /** Root directory in which the program runs: nothing but it and its libraries. */
  readonly runtime: string;
  /** A layer over the machine's image: modules and units. */
  readonly layer: string;
}

export function kernelDirectories(directory: string): KernelDirectories {
  return { runtime: join(directory, 'runtime'), layer: join(directory, 'layer') };
}

/** Built first when it is not in the cache. LAB with a log when that fails, or when this box cannot run it. */
export async function cachedKernel(context: Context): Promise<Kernel> {
  if (process.arch !== 'x64') throw new Failure('LAB', 'a machine with a kernel of its own (user-mode-linux) needs an x86-64 box');
  await stat('/dev/net/tun').catch((cause: unknown) => {
    throw new Failure('LAB', '/dev/net/tun is missing, which a machine with a kernel of its own needs', { remedy: 'modprobe tun', cause });
  });
  const directory = join(cacheDirectory(), 'kernels', kernelName());
  if (!(await exists(directory))) {
    const onWait = () =>
      context.emit({ kind: 'progress', task: 'kernel', message: 'another process is building the same kernel; waiting for it' });
    await withLock(`${directory}.lock`, () => buildUnlessThere(directory, context), { onWait, signal: context.signal });
  }
  return { directory, source: (await readFile(join(directory, 'package'), 'utf8')).trim() };
}

async function buildUnlessThere(directory: string, { emit, signal }: Context): Promise<void> {
  if (await exists(directory)) return;
  const root = await cachedImage({ release: 'trixie', packages: buildPackages }, { emit, signal });
  const partial = `${directory}.partial`;
  const log = `${directory}.log`;
  await rm(partial, { recursive: true, force: true });
  await rm(log, { force: true });
  const upper = join(partial, 'upper');
  const work = join(partial, 'work');
  const mounted = join(partial, 'root');
  const build = join(upper, 'build');
  for (const path of [work, mounted, build, join(upper, 'etc/apt/apt.conf.d')]) await mkdir(path, { recursive: true });
  await writeFile(join(build, 'wanted'), `${kernelConfiguration.join('\n')}\n`);
  await writeFile(join(build, 'build'), buildScript);
  await writeFile(join(upper, 'etc/apt/apt.conf.d/99box'), await howTheBoxReachesMirrors());
  await writeFile(join(upper, 'etc/resolv.conf'), await readFile('/etc/resolv.conf', 'utf8').catch(() => ''));
  await writeLayer(join(build, 'kernel/layer'));
  emit({ kind: 'progress', task: 'kernel', message: 'building the kernel of machines that have their own', usualSeconds: 400 });
  const script =
    'mount -t overlay overlay -o "$1" "$2" && mount -t proc proc "$2/proc" && shift && exec chroot "$1" sh /build/build "$2" "$3"';
  const overlay = `lowerdir=${root},upperdir=${upper},workdir=${work}`;
  await runTool([...contained, 'sh', '-c', script, 'build', overlay, mounted, String(availableParallelism()), sourceSuite], {
    logFile: log,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    ...(signal === undefined ? {} : { signal }),
  });
  await rename(join(build, 'kernel'), directory);
  await rm(partial, { recursive: true, force: true });
}

async function writeLayer(layer: string): Promise<void> {
  for (const [path, content] of Object.entries(layerFiles)) {
    await mkdir(dirname(join(layer, path)), { recursive: true });
    await writeFile(join(layer, path), content);
  }
}

/** Proxies, retries, a frozen mirror's dates: without them the box reaches its mirror, and the build would not. */
async function howTheBoxReachesMirrors(): Promise<string> {
  const argv = ['apt-config', 'dump', '--no-empty', '--format', '%F "%v";%n', 'Acquire'];
  const settings = await runLocal(argv, { env: { PATH: toolPath() } }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const reach = /^Acquire::(https?|ftp|Retries|ForceIPv[46]|Check-Valid-Until|Check-Date)\b/i;
  return settings
    .split('\n')
    .filter((line) => reach.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
