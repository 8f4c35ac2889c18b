/** The engine's own snippets, as a fake machine carries them out. */

import { LINK, LOOK, RECORD, REMAINING, REMOVE, STAMP } from '../../src/engine/machine-scripts.ts';
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
      changes(`record ${first}`);
      return { stdout: record(state, first, second, third, stdin) };
    case LINK:
      changes(`link ${first}`);
      state.put(first, { target: second, mode: 0o777 });
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

function record(state: MachineState, path: string, keepAt: string, marker: string, stdin: string): string {
  const [kept = '', fresh = ''] = stdin.split('\n');
  const file = state.files.get(path);
  let line = fresh;
  if (keepAt !== '' && file !== undefined) {
    state.put(keepAt, file);
    line = kept;
  }
  if (line !== '') state.put(receiptPath, { content: `${state.files.get(receiptPath)?.content ?? ''}${line}\n`, mode: 0o600 });
  if (marker !== '') state.put(`${receiptDirectory}/restart/${marker}`, { mode: 0o600 });
  return `${line}\n`;
}
