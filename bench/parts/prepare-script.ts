/** Turns steps that trivet planned into a plain shell script and its files: the same changes, made without looking first. */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { quote } from '../../src/model/quote.ts';
import { reveal } from '../../src/model/secret.ts';
import type { Action, Step } from '../../src/model/step.ts';

/** Writes run.sh and the numbered files that it installs; uploads are left out: they are listed by `uploadLines`. */
export async function writePrepareScript(directory: string, steps: readonly Step[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const restarts = new Set(steps.flatMap(({ action }) => ('restarts' in action && action.restarts !== undefined ? [action.restarts] : [])));
  const lines = ['set -eu', 'systemctl daemon-reload'];
  for (const [index, { action, title }] of steps.entries()) {
    const file = String(index);
    const content =
      action.kind === 'file' || action.kind === 'block' ? action.content : action.kind === 'command' ? action.stdin : undefined;
    if (content !== undefined) await writeFile(join(directory, file), reveal(content), { mode: 0o600 });
    lines.push(`# ${title}`, ...linesFor(action, file, restarts));
  }
  await writeFile(join(directory, 'run.sh'), `${lines.join('\n')}\n`);
}

/** source, path and mode, divided by tabs. */
export function uploadLines(steps: readonly Step[]): string {
  const uploads = steps.flatMap(({ action }) => (action.kind === 'upload' ? [action] : []));
  return uploads.map(({ source, path, mode }) => `${source}\t${path}\t${mode.toString(8)}\n`).join('');
}

function linesFor(action: Action, file: string, restarts: ReadonlySet<string>): readonly string[] {
  switch (action.kind) {
    case 'file': {
      const [owner = 'root', group = 'root'] = action.owner.split(':');
      return [`install -D -m ${action.mode.toString(8)} -o ${owner} -g ${group} ${file} ${quote([action.path])}`];
    }
    case 'block':
      return [`cat ${file} >> ${quote([action.path])}`];
    case 'link':
      return [`mkdir -p ${quote([dirname(action.path)])}`, `ln -sfn ${quote([action.target])} ${quote([action.path])}`];
    case 'upload':
      return [];
    case 'service':
      return serviceLines(action.unit, action.enabled, action.active, restarts.has(action.unit));
    case 'command':
      return [`${quote(action.argv)}${action.stdin === undefined ? '' : ` < ${file}`}`];
    case 'wait':
      return [`until ${quote(action.argv)}; do sleep ${action.everySeconds}; done`];
    case 'remove':
      return [`rm -rf ${quote([action.path])}`];
  }
}

function serviceLines(unit: string, enabled: boolean, active: boolean | undefined, restart: boolean): readonly string[] {
  return [
    'systemctl daemon-reload',
    `systemctl ${enabled ? 'enable' : 'disable'} ${unit}`,
    ...(active === undefined ? [] : [`systemctl ${active ? (restart ? 'restart' : 'start') : 'stop'} ${unit}`]),
  ];
}
