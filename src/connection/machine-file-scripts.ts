/** The shell scripts that write, read and check files on a machine: pure text, run by the connection. */

import { dirname, join, posix } from 'node:path';
import type { FileMode } from '../model/connection.ts';
import { quote } from '../model/quote.ts';

/** Exit status of these scripts for a file that is not there. */
export const missingStatus = 66;
/** Exit status of these scripts when what arrived is not what was sent. */
export const differentStatus = 67;

/** Standard input becomes the file, if all bytes of it came: a connection that breaks ends the input as well. */
export function writeScript(path: string, bytes: number, mode: FileMode): string {
  return replaceScript(path, mode, `[ "$(wc -c < "$new")" -eq ${bytes} ]`);
}

/** Standard input becomes the file, if its SHA-256 is right. */
export function receiveScript(path: string, sha256: string, mode: FileMode): string {
  return replaceScript(path, mode, hasSha256('"$new"', sha256));
}

/** Exits 0 when the file is there with that SHA-256 and now has that mode and owner; missingStatus otherwise. */
export function alreadyThereScript(path: string, sha256: string, mode: FileMode): string {
  const file = quote([path]);
  const permit = `chmod ${mode.mode.toString(8)} -- ${file} && chown -- ${quote([mode.owner])} ${file}`;
  return `[ -f ${file} ] && [ ! -L ${file} ] && ${hasSha256(file, sha256)} || exit ${missingStatus}; ${permit}`;
}

export function readScript(path: string): string {
  const file = quote([path]);
  return `[ -e ${file} ] || exit ${missingStatus}; cat -- ${file}`;
}

function replaceScript(path: string, { mode, owner }: FileMode, isWhole: string): string {
  const file = quote([path]);
  const directory = quote([dirname(path)]);
  const template = quote([join(dirname(path), `.${posix.basename(path)}.XXXXXX`)]);
  return [
    `mkdir -p -- ${directory} || exit`,
    'umask 077',
    `new=$(mktemp -- ${template}) || exit`,
    'trap \'rm -f -- "$new"\' EXIT; trap "exit 143" TERM INT HUP',
    'cat > "$new" || exit',
    `${isWhole} || exit ${differentStatus}`,
    `chmod ${mode.toString(8)} -- "$new" && chown -- ${quote([owner])} "$new" && sync -- "$new" && mv -fT -- "$new" ${file} && sync -- ${directory}`,
  ].join('\n');
}

function hasSha256(file: string, sha256: string): string {
  return `[ "$(sha256sum < ${file})" = ${quote([`${sha256}  -`])} ]`;
}
