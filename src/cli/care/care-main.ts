/** `trivet care …` without commander: the daemon starts from here, so this file imports little. */

import { dirname } from 'node:path';
import { isSea } from 'node:sea';
import { setFlagsFromString } from 'node:v8';
import type { CareSettings } from '../../care/settings.ts';
import { printError } from '../print-error.ts';
import { version } from '../version.ts';
import { type CareRequest, careRequest } from './care-request.ts';

/** The words after `trivet care`; the exit code. */
export async function careMain(args: readonly string[]): Promise<number> {
  try {
    if (args[0] === 'status') {
      const { careStatus } = await import('./care-status.ts');
      return await careStatus(args.slice(1));
    }
    if (args[0] === '--version' || args[0] === '-V') {
      process.stdout.write(`${version}\n`);
      return 0;
    }
    return await carryOut(careRequest(args, { environment: process.env }));
  } catch (error) {
    return printError(error);
  }
}

async function carryOut(request: CareRequest): Promise<number> {
  switch (request.kind) {
    case 'help': {
      const { careHelp } = await import('./help-text.ts');
      process.stdout.write(careHelp(process.stdout.columns));
      return 0;
    }
    case 'print-unit': {
      const { careUnit } = await import('../../render/care-unit.ts');
      const { settings, arguments: words } = request;
      process.stdout.write(
        careUnit({ backend: settings.dataplane, arguments: words, program: programPath(), writes: foreignDirectories(settings) }),
      );
      return 0;
    }
    case 'print-static-pod':
      return printStaticPod(request.settings, request.arguments);
    case 'guard':
    case 'run-once':
    case 'clean':
      return guard(request.kind, request.settings);
  }
}

function printStaticPod(settings: CareSettings, words: readonly string[]): Promise<number> {
  return import('../../render/care-static-pod.ts').then(({ careStaticPod }) => {
    const { check, discovery, trackFile } = settings;
    const caFile = check.kind === 'https' && !check.skipVerify ? check.caFile : undefined;
    process.stdout.write(
      careStaticPod({
        backend: settings.dataplane,
        arguments: words,
        image: `trivet.local/care:v${version}`,
        files: [caFile, discovery?.kubeconfig].filter((path) => path !== undefined),
        // Where kubelet.conf's certificate lies, and is renewed.
        directories: discovery === undefined ? [] : ['/var/lib/kubelet/pki'],
        writes: [settings.stateDirectory, ...[settings.socket, trackFile].flatMap((path) => (path === undefined ? [] : [dirname(path)]))],
      }),
    );
    return 0;
  });
}

async function guard(kind: 'guard' | 'run-once' | 'clean', settings: CareSettings): Promise<number> {
  if (kind === 'guard') setTimeout(becomeSmall, 2000).unref();
  const { runCare } = await import('../../care/run-care.ts');
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGTERM', stop).once('SIGINT', stop);
  try {
    return await runCare(settings, { kind, version, signal: controller.signal, environment: process.env, setFlag: setFlagsFromString });
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop);
  }
}

/** This very program, unless it is in a place that a unit should not start it from, or is a Node. */
function programPath(): string {
  return isSea() && !/^\/(root|home|tmp|run)\//.test(process.execPath) ? process.execPath : '/usr/local/bin/trivet';
}

/** A daemon that does little for long should rather be small than quick: 8 MB of 33, measured. Not at once: that costs 30 ms of its start. */
function becomeSmall(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Directories that are not the unit's own already. */
function foreignDirectories({ stateDirectory, socket, trackFile }: CareSettings): readonly string[] {
  const own = (path: string) => /^\/(var\/lib|run)\/trivet-care(\/|$)/.test(path);
  const all = [stateDirectory, dirname(socket), ...(trackFile === undefined ? [] : [dirname(trackFile)])];
  return [...new Set(all.filter((path) => !own(path)))];
}
