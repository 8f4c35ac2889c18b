/** Puts a generated table where its markers are: `<!-- begin NAME -->` and `<!-- end NAME -->`. */

/** Throws when the markers are not there. */
export function withTable(text: string, name: string, table: string): string {
  const pattern = new RegExp(`(<!-- begin ${name} -->\n)[^]*?(<!-- end ${name} -->)`);
  if (!pattern.test(text)) throw new Error(`there are no markers for the table ${name}`);
  return text.replace(pattern, (_, begin, end) => `${begin}${table}\n${end}`);
}
