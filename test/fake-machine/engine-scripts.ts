/** The engine's own snippets, as a fake machine carries them out. */

import { LINK, LOOK, RECORD, REMAINING, REMOVE, STAMP, WRITE_FILES } from '../../src/engine/machine-scripts.ts';
import type { RunResult } from '../../src/model/connection.ts';
import { receiptDirectory, receiptPath } from '../../src/model/receipt.ts';
import { digest, type MachineState, pathsUnder } from './machine-state.ts';

/** undefined: argv is none of the engine's snippets. */
export function runEngineScript(state: MachineState, argv: readonly string[], stdin: string): Partial<RunResult> | undefined {
  if (argv[0] !== 'sh' || argv[1] !== '-c') return undefined;
  const args = argv.slice(4);
  const [first = '', second = '', third = ''] = args;
  const changes = (what: string) => {
    state.calls.push(what);
    state.changes.push(what);
  };
  switch (argv[2]) {
    case LOOK:
      state.calls.push('look');
      return { stdout: look(state, args) };
    case RECORD:
      return { stdout: record(state, stdin, changes) };
    case WRITE_FILES:
      return writeFiles(state, stdin, Number(first), changes);
    case LINK:
      for (let index = 0; index + 1 < args.length; index += 2) {
        changes(`link ${args[index]}`);
        state.put(args[index] ?? '', { target: args[index + 1] ?? '', mode: 0o777 });
      }
      return {};
    case STAMP: {
      changes(`stamp ${first}`);
      const file = state.files.get(first);
      if (file === undefined) return { code: 1, stderr: `stat: ${first}: No such file or directory` };
      state.put(third, { content: `stamp\t${second}\t${Buffer.byteLength(file.content)}\t${file.modified}\t${first}\n`, mode: 0o600 });
      return {};
    }
    case REMOVE:
      changes(`remove ${first}`);
      for (const path of pathsUnder(state, first)) state.files.delete(path);
      return {};
    case REMAINING:
      state.calls.push('look for remaining');
      return {
        stdout: args
          .filter((path) => pathsUnder(state, path).length > 0)
          .map((path) => `${path}\n`)
          .join(''),
      };
    default:
      return undefined;
  }
}

function look(state: MachineState, [count = '0', ...paths]: readonly string[]): string {
  const lines: string[] = [];
  for (const path of paths) {
    const file = state.files.get(path);
    if (file === undefined) continue;
    const raw = ((file.target === undefined ? 0o100000 : 0o120000) | file.mode).toString(16);
    lines.push(['stat', raw, file.owner, Buffer.byteLength(file.content), file.modified, path].join('\t'));
    if (file.target !== undefined) lines.push(['link', path, file.target].join('\t'));
  }
  for (const path of pathsUnder(state, `${receiptDirectory}/uploads`)) lines.push(state.files.get(path)?.content.trimEnd() ?? '');
  for (const path of pathsUnder(state, `${receiptDirectory}/restart`)) lines.push(`marker\t${path.split('/').at(-1)}`);
  for (const path of paths.slice(Number(count))) {
    const file = state.files.get(path);
    if (file !== undefined && file.target === undefined) lines.push(`${digest(file.content)}  ${path}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function record(state: MachineState, stdin: string, changes: (what: string) => void): string {
  const lines = stdin.split('\n');
  const appended: string[] = [];
  for (let index = 0; index + 5 < lines.length; index += 5) {
    const [path = '', keepAt = '', unit = '', kept = '', fresh = ''] = lines.slice(index, index + 5);
    changes(`record ${path}`);
    const file = state.files.get(path);
    const keep = keepAt !== '' && file !== undefined;
    if (keep) state.put(keepAt, file);
    const line = keep ? kept : fresh;
    if (line !== '') {
      appended.push(line);
      state.put(receiptPath, { content: `${state.files.get(receiptPath)?.content ?? ''}${line}\n`, mode: 0o600 });
    }
    if (unit !== '') state.put(`${receiptDirectory}/restart/${unit}`, { mode: 0o600 });
  }
  return appended.map((line) => `${line}\n`).join('');
}

function writeFiles(state: MachineState, stdin: string, count: number, changes: (what: string) => void): Partial<RunResult> {
  let rest = Buffer.from(stdin);
  const files: { readonly path: string; readonly mode: number; readonly owner: string; readonly content: string }[] = [];
  while (rest.length > 0) {
    const end = rest.indexOf('\n');
    const [mode = '', owner = '', bytes = '', path = ''] = rest.subarray(0, end).toString().split('\t');
    const content = rest.subarray(end + 1, end + 1 + Number(bytes));
    if (content.length !== Number(bytes)) return { code: 1, stderr: 'the input ended early' };
    files.push({ path, mode: Number.parseInt(mode, 8), owner, content: content.toString() });
    rest = rest.subarray(end + 1 + Number(bytes));
  }
  if (files.length !== count) return { code: 1, stderr: 'the input ended early' };
  for (const { path, ...file } of files) {
    changes(`write ${path}`);
    state.put(path, file);
  }
  return {};
}
