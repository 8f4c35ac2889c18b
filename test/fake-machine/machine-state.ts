/** What a fake machine is made of. */

import { createHash } from 'node:crypto';

export interface FakeFile {
  readonly content: string;
  readonly mode: number;
  readonly owner: string;
  readonly modified: number;
  /** Present on a symbolic link, whose content is empty. */
  readonly target?: string;
}

export interface FakeUnit {
  enabled: boolean;
  active: boolean;
  /** How often it was started or restarted. */
  starts: number;
}

export interface MachineState {
  readonly files: Map<string, FakeFile>;
  readonly units: Map<string, FakeUnit>;
  readonly packages: Set<string>;
  /** Every call in its order: `run systemctl start -- x`, `write /etc/x`. */
  readonly calls: string[];
  /** The calls that change the machine (the engine's own notes in /var/lib/trivet included), in their order. */
  readonly changes: string[];
  readonly put: (path: string, file: Partial<FakeFile>) => void;
}

export function machineState(): MachineState {
  let clock = 1_000;
  const files = new Map<string, FakeFile>();
  return {
    files,
    units: new Map(),
    packages: new Set(),
    calls: [],
    changes: [],
    put: (path, file) => {
      clock += 1;
      files.set(path, { content: '', mode: 0o644, owner: 'root:root', modified: clock, ...file });
    },
  };
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Paths at or below a path. */
export function pathsUnder(state: MachineState, path: string): readonly string[] {
  return [...state.files.keys()].filter((candidate) => candidate === path || candidate.startsWith(`${path}/`));
}
