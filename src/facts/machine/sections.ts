/** Several small reads in one command, each printed under its own heading: one exec over SSH instead of many. */

const heading = '==section ';

/** argv that runs each shell command in turn, whatever the others answer. Errors are not printed. `args` are `$1`, `$2`, …. */
export function sections(commands: Readonly<Record<string, string>>, args: readonly string[] = []): readonly string[] {
  const script = Object.entries(commands)
    .map(([name, command]) => `printf '\\n${heading}%s\\n' ${name}; { ${command}; } 2> /dev/null < /dev/null`)
    .join('\n');
  return ['sh', '-c', `export LC_ALL=C\n${script}\ntrue`, 'trivet', ...args];
}

/** What each section printed, without surrounding white space; '' for one that printed nothing or is not there. */
export function readSections(stdout: string): (name: string) => string {
  const found = new Map<string, string>();
  for (const part of `\n${stdout}`.split(`\n${heading}`).slice(1)) {
    const end = part.indexOf('\n');
    if (end >= 0) found.set(part.slice(0, end), part.slice(end + 1).trim());
  }
  return (name) => found.get(name) ?? '';
}

/** Lines that are not empty, trimmed. */
export function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
