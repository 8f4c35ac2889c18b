/** The text of a cluster file → ClusterSpec, or all its problems with line and column. */

import { homedir } from 'node:os';
import { LineCounter } from 'yaml';
import { formatPath } from './finding.ts';
import { type Problem, type SpecResult, withoutPasswords } from './problem.ts';
import { readYaml, type Span } from './read-yaml.ts';
import { validate } from './validate.ts';

export interface ParseOptions {
  /** The file as the operator named it, for messages. */
  readonly path: string;
  /** Absolute; relative paths in the file start here. */
  readonly directory: string;
  /** Accept an even number of masters, with a warning. Default false. */
  readonly allowEven?: boolean;
  /** What ~ stands for; default: the operator's home. */
  readonly home?: string;
}

/** Never throws, whatever the text. */
export function parseClusterFile(text: string, options: ParseOptions): SpecResult {
  const toProblem = placer(text, options.path);
  const { documents, problems: yamlProblems } = readYaml(text);
  const problems = yamlProblems.map((problem) => toProblem(problem, '', problem.message, ''));
  const [document, second] = documents;
  if (document === undefined || document.value === null) {
    if (problems.length === 0) problems.push(toProblem({ start: 0, end: 0 }, '', 'the file is empty', 'a cluster; trivet init prints one'));
    return { kind: 'problems', problems };
  }
  if (second !== undefined) {
    problems.push(toProblem({ start: second.start, end: second.start }, '', 'a second document', 'one cluster in one file'));
  }
  if (yamlProblems.some((problem) => problem.breaks)) return { kind: 'problems', problems };
  const context = { directory: options.directory, home: options.home ?? homedir(), allowEven: options.allowEven ?? false };
  const { spec, findings, warnings } = validate(document.value, context);
  for (const { path, at, message, expected, suggestion, code } of findings) {
    const problem = toProblem(document.locate(path, at), formatPath(path), message, expected);
    problems.push({ ...problem, ...(suggestion === undefined ? {} : { suggestion }), ...(code === undefined ? {} : { code }) });
  }
  if (spec !== undefined && problems.length === 0) return { kind: 'ok', spec, warnings };
  return { kind: 'problems', problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** Makes problems of one text: offsets become line, column and the line itself. */
export function placer(text: string, file: string) {
  const lines = text.split(/\r\n|\n|\r/);
  const counter = new LineCounter();
  counter.addNewLine(0);
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) counter.addNewLine(index + end.length);
  return (span: Span, path: string, message: string, expected: string): Problem => {
    const { line, col } = counter.linePos(Math.min(span.start, text.length));
    const source = { text: withoutPasswords(lines[line - 1] ?? ''), length: Math.max(1, span.end - span.start) };
    return { code: 'CLUSTER_FILE', file, line, column: col, path, message, expected, source };
  };
}
