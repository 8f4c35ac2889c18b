/** `trivet care --help` and docs/reference/care-flags.md, both from the table of flags. */

import { environmentName, type Flag, flagGroups } from './flags.ts';

const introduction = `Usage: trivet care --vs IP:PORT --rs IP:PORT [--rs IP:PORT …] [flags]
       trivet care status [--socket FILE] [-o json] [--alive: say nothing, exit 0 when the daemon answers]

Keeps a virtual address pointing at healthy backends, on this machine. lvscare's command lines are understood word for word:
write trivet care for lvscare care. Every flag is also an environment variable, CARE_HEALTH_PATH for --health-path, and a name in
--config's file; flags count before environment, environment before the file.`;

const example = `Example:
  trivet care --vs 10.103.97.2:6443 --rs 192.168.0.2:6443 --rs 192.168.0.3:6443 --rs 192.168.0.4:6443`;

/** For a terminal of this many columns. */
export function careHelp(columns = 132): string {
  const width = Math.max(...flagGroups.flatMap(({ flags }) => flags.map((flag) => written(flag).length)));
  const groups = flagGroups.map(({ title, flags }) => {
    const lines = flags.map((flag) => `  ${written(flag).padEnd(width)}  ${hanging(flag.help, columns - width - 4, width + 4)}`);
    return `${title}:\n${lines.join('\n')}`;
  });
  return `${[introduction, ...groups, example].join('\n\n')}\n`;
}

/** docs/reference/care-flags.md. */
export function careReference(): string {
  const groups = flagGroups.map(({ title, flags }) => {
    const rows = flags.map(
      (flag) => `| \`${written(flag).trim()}\` | \`${environmentName(flag.name)}\` | ${flag.lvscare ? 'yes' : ''} | ${flag.help} |`,
    );
    return `## ${title}\n\n| flag | environment | lvscare's | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Flags of trivet care

What \`trivet care --help\` shows. lvscare's command lines are understood word for word: write \`trivet care\` for \`lvscare care\`. Flags count before environment, environment before \`--config\`'s file.

${groups.join('\n')}`;
}

function written({ name, short, value }: Flag): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function hanging(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}
