/** What is wrong with a cluster file or the flags, where, and how it reads on a terminal. */

import type { ClusterSpec } from '../model/cluster.ts';
import { Failure } from '../model/failure.ts';

export interface Problem {
  readonly code: 'CLUSTER_FILE' | 'EVEN_MASTERS' | 'EVEN_ETCD';
  /** As the operator named it; empty for flags. */
  readonly file: string;
  /** 1-based; 0 for flags. */
  readonly line: number;
  readonly column: number;
  /** spec.hosts[1].address, or the flag: --vip. */
  readonly path: string;
  readonly message: string;
  /** What would be right; empty when the message says it all. */
  readonly expected: string;
  /** What was probably meant. */
  readonly suggestion?: string;
  /** The line of the file, and how many characters of it are meant. */
  readonly source?: { readonly text: string; readonly length: number };
}

/** Either a complete spec or everything that is wrong, in the file's order. */
export type SpecResult =
  | { readonly kind: 'ok'; readonly spec: ClusterSpec; readonly warnings: readonly string[] }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** `cluster.yaml:12:5 spec.hosts[1].adress: unknown key; did you mean address?`, then the line and a caret below the place. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? '' : `${problem.file}:${problem.line}:${problem.column} `;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  let end = '';
  if (problem.suggestion !== undefined) end = `; did you mean ${problem.suggestion}?`;
  else if (problem.expected !== '') end = `; expected ${problem.expected}`;
  const headline = `${place}${path}${problem.message}${end}`;
  if (problem.source === undefined) return headline;
  const number = String(problem.line).padStart(5);
  const width = 120;
  // A minified file has lines of any length: only the part around the place is shown.
  const from = problem.column > width ? problem.column - width / 2 : 0;
  const text = visible(problem.source.text.slice(from, from + width));
  const indent = ' '.repeat(problem.column - 1 - from);
  const caret = '^'.repeat(Math.max(1, Math.min(problem.source.length, text.length - indent.length)));
  return `${headline}\n${number} | ${text}\n${' '.repeat(5)} | ${indent}${caret}`;
}

/** Hides what stands behind a key such as password: it does not belong in the file, and even less in a log. */
export function withoutPasswords(line: string): string {
  // A plain text ends at a comma inside braces, and at the end of the line elsewhere.
  const plain = line.includes('{') ? String.raw`[^\s{},"'][^,}]*` : String.raw`[^\s{"'].*`;
  const pattern = new RegExp(String.raw`(\bpass\w*["']?\s*:\s*)("[^"]*"?|'[^']*'?|${plain})`, 'gi');
  return line.replaceAll(pattern, (_, key: string, value: string) => key + '*'.repeat(value.length));
}

/** Tabs and control characters as single spaces, so that the caret stands below its place and the terminal obeys no file. */
function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

/** All problems as one Failure: EVEN_MASTERS or EVEN_ETCD when that is the only kind, CLUSTER_FILE otherwise. */
export function problemsFailure(problems: readonly Problem[]): Failure {
  const [first] = problems;
  const place = first === undefined || first.file === '' ? 'the flags' : first.file;
  const findings = problems.map(formatProblem);
  const only = (code: Problem['code']) => problems.length > 0 && problems.every((problem) => problem.code === code);
  if (only('EVEN_MASTERS')) {
    const remedy = 'Add or remove a master, or accept it with --allow-even.';
    return new Failure('EVEN_MASTERS', `${place}: an even number of masters`, { remedy, findings });
  }
  if (only('EVEN_ETCD')) {
    const remedy = 'Add or remove a member, or accept it with --allow-even.';
    return new Failure('EVEN_ETCD', `${place}: an even number of etcd members`, { remedy, findings });
  }
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new Failure('CLUSTER_FILE', `${place}: ${count}`, { remedy: 'Mend what is listed and run the command again.', findings });
}
