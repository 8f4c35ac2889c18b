/** Prints what went wrong for a person at 3 a.m.; never a stack trace for something expected. */

import { Failure } from '../model/failure.ts';

/** Writes to standard error and gives the exit code: 1, or 130 after Ctrl-C. */
export function printError(error: unknown, write: (text: string) => void = (text) => process.stderr.write(text)): number {
  if (!(error instanceof Failure)) {
    write(`\nerror INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    write('This is a defect in trivet: please report it with the lines above.\n');
    return 1;
  }
  write(`\n${describeFailure(error)}\n`);
  return error.code === 'INTERRUPTED' ? 130 : error.code === 'USAGE' ? 2 : 1;
}

/** What, where, what was found, the next command, the log. */
export function describeFailure(failure: Failure): string {
  const where = failure.host === undefined ? '' : ` on ${failure.host}`;
  return [
    `error ${failure.code}${where}: ${failure.message}`,
    ...failure.findings.map((finding) => indent(finding)),
    ...(failure.remedy === undefined ? [] : [`next: ${failure.remedy}`]),
    ...(failure.log === undefined ? [] : [`log:  ${failure.log}`]),
  ].join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
