/** One look at the files of a machine: everything that the checks of file-like steps need, in one run. */

import { LOOK, script } from './machine-scripts.ts';

export interface FileState {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  /** Permission bits only. */
  readonly mode: number;
  readonly owner: string;
  readonly bytes: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  /** Only for those asked for. */
  readonly sha256: string | undefined;
  readonly target: string | undefined;
}

/** What an uploaded file looked like when its digest was known. */
export interface UploadStamp {
  readonly sha256: string;
  readonly bytes: number;
  readonly modified: number;
}

export interface Look {
  readonly files: ReadonlyMap<string, FileState>;
  readonly stamps: ReadonlyMap<string, UploadStamp>;
  /** Units with a restart pending. */
  readonly restarts: ReadonlySet<string>;
}

/** The command that looks. Hashing happens only for the paths of `hashed`: an upload may have hundreds of megabytes. */
export function lookArgv({ hashed, plain }: { readonly hashed: readonly string[]; readonly plain: readonly string[] }): readonly string[] {
  return script(LOOK, String(plain.length), ...plain, ...hashed);
}

/** Reads what LOOK printed. */
export function parseLook(stdout: string): Look {
  const files = new Map<string, FileState>();
  const stamps = new Map<string, UploadStamp>();
  const restarts = new Set<string>();
  const change = (path: string, more: Partial<FileState>) => {
    const file = files.get(path);
    if (file !== undefined) files.set(path, { ...file, ...more });
  };
  for (const line of stdout.split('\n')) {
    const [kind = '', a = '', b = '', c = '', d = '', e = ''] = line.split('\t');
    if (kind === 'stat')
      files.set(e, { ...modeOf(a), owner: b, bytes: Number(c), modified: Number(d), sha256: undefined, target: undefined });
    else if (kind === 'link') change(a, { target: b });
    else if (kind === 'stamp') stamps.set(d, { sha256: a, bytes: Number(b), modified: Number(c) });
    else if (kind === 'marker') restarts.add(a);
    else {
      const [, sha256, path] = /^([0-9a-f]{64}) [ *](.*)$/.exec(line) ?? [];
      if (sha256 !== undefined && path !== undefined) change(path, { sha256 });
    }
  }
  return { files, stamps, restarts };
}

/** The kernel's st_mode in hex, as stat's %f prints it whatever the locale. */
function modeOf(hex: string): Pick<FileState, 'type' | 'mode'> {
  const raw = Number.parseInt(hex, 16);
  const types: Readonly<Record<number, FileState['type']>> = { 8: 'file', 4: 'directory', 10: 'link' };
  return { type: types[raw >> 12] ?? 'other', mode: raw & 0o7777 };
}
