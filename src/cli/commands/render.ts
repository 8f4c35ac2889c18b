/** trivet render: the files that up would write on one host, for whoever wants to read them first. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestName, parseManifest } from '../../bundle/parse-manifest.ts';
import { gatherer } from '../../engine/gather.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { ReadFact } from '../../model/fact.ts';
import { Failure } from '../../model/failure.ts';
import { up } from '../../sequences/up.ts';
import { bindCluster } from '../bind-cluster.ts';
import { type ClusterOptions, readClusterSpec } from '../cluster-options.ts';
import { renderHost } from '../render-host.ts';
import { chooseFiles, renderText } from '../render-text.ts';
import { withCluster } from '../with-cluster.ts';

export interface RenderOptions extends ClusterOptions {
  /** A phase's name, or the path of one file. */
  readonly only?: string;
  readonly offline?: boolean;
  readonly output?: 'text' | 'json';
}

export async function render(hostName: string, options: RenderOptions): Promise<void> {
  if (options.offline) return withoutMachines(hostName, options, '--offline: no machine was asked');
  try {
    await withCluster(options, { bundle: false }, ({ cluster, connect, signal }) =>
      show(hostName, options, cluster, gatherer({ connect, mode: 'plan', signal }), undefined),
    );
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'LAB_MISSING') throw error;
    await withoutMachines(hostName, options, 'the lab is not up: no machine was asked');
  }
}

async function withoutMachines(hostName: string, options: RenderOptions, why: string): Promise<void> {
  const spec = await readClusterSpec(options, (message) => process.stderr.write(`warning: ${message}\n`));
  await show(hostName, options, await bindCluster({ ...spec, bundle: undefined }, () => undefined), undefined, why, spec.bundle);
}

async function show(
  hostName: string,
  options: RenderOptions,
  cluster: Cluster,
  ask: ReadFact | undefined,
  why: string | undefined,
  bundle = cluster.bundle,
): Promise<void> {
  const host = cluster.hosts.find(({ name }) => name === hostName);
  if (host === undefined) {
    throw new Failure('USAGE', `there is no host ${hostName} in the cluster ${cluster.name}`, {
      remedy: `its hosts are: ${cluster.hosts.map(({ name }) => name).join(', ')}`,
    });
  }
  const rendered = await renderHost({
    sequence: up,
    cluster: { ...cluster, openBundle: await manifestOf(bundle), careExecutable: someExecutable },
    host,
    ask,
  });
  const files = chooseFiles(rendered.files, options.only);
  if (files.length === 0) {
    const phases = [...new Set(rendered.files.map(({ phase }) => phase))];
    throw new Failure('USAGE', `${hostName} gets no file by ${options.only}`, {
      findings: rendered.files.map(({ path }) => path),
      remedy: `name one of these paths, or a phase: ${phases.join(', ')}`,
    });
  }
  const chosen = new Set(files.map(({ phase }) => phase));
  const shown = { ...rendered, files, assumptions: rendered.assumptions.filter(({ phase }) => chosen.has(phase)) };
  if (options.output === 'json') process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  else if (options.only?.startsWith('/')) showOne(shown, why);
  else process.stdout.write(renderText(shown, why));
}

/** Only files of text are shown: which one it is does not matter. */
const someExecutable = { path: '', sha256: '', bytes: 0 };

/** Nothing but the content on standard output, so that it can be piped into a program's own check. */
function showOne(shown: Parameters<typeof renderText>[0], why: string | undefined): void {
  process.stderr.write(renderText({ ...shown, files: [] }, why));
  for (const { content } of shown.files) process.stdout.write(content);
}

/** Its manifest alone is needed, for the pause image; a bundle that is a tar, or not there, is left out. */
async function manifestOf(directory: string | undefined): Promise<Bundle | undefined> {
  if (directory === undefined) return undefined;
  const text = await readFile(join(directory, manifestName), 'utf8').catch(() => undefined);
  const parsed = text === undefined ? undefined : parseManifest(text);
  return parsed === undefined || 'problems' in parsed ? undefined : { directory, manifest: parsed.manifest, packageArchives: [] };
}
