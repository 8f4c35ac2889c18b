/** The kinds of steps that schemes are made of: a file and a unit that runs, and what takes either away. */

import type { Host } from '../../model/host.ts';
import type { Step } from '../../model/step.ts';

export interface FileOptions {
  readonly mode?: number;
  /** Unit that must restart, or reload, when the file changes. */
  readonly restarts?: string;
}

/** Mode 0644 unless said otherwise. */
export function fileStep(host: Host, id: string, path: string, content: string, { mode = 0o644, restarts }: FileOptions): Step {
  return {
    id: `endpoint/${id}`,
    host: host.name,
    title: `write ${path}`,
    action: { kind: 'file', path, content, mode, owner: 'root:root', ...(restarts === undefined ? {} : { restarts }) },
  };
}

export function serviceStep(host: Host, unit: string, title: string, reload: { readonly reloads?: true } = {}): Step {
  return {
    id: `endpoint/${unit.replace('.service', '')}`,
    host: host.name,
    title,
    action: { kind: 'service', unit, enabled: true, active: true, ...reload },
  };
}

/** Nothing to do where there is no such unit. */
export function stoppedStep(host: Host, unit: string, title: string): Step {
  return {
    id: `endpoint/no-${unit.replace('.service', '')}`,
    host: host.name,
    title,
    action: { kind: 'service', unit, enabled: false, active: false },
  };
}

export function removeStep(host: Host, id: string, path: string): Step {
  return { id: `endpoint/${id}`, host: host.name, title: `remove ${path}`, action: { kind: 'remove', path } };
}
