/** Quotes argv for a POSIX shell: the one place where it is done. */

/** `['echo', "it's"]` → `echo 'it'\''s'`. */
export function quote(argv: readonly string[]): string {
  return argv.map((word) => (/^[A-Za-z0-9_/:=.,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
