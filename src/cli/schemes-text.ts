/** The schemes for people: a table of what each survives, then each with what it is and costs, within 80 columns. */

import { everyFault, type Outcome, type SchemeDescription } from './describe-schemes.ts';
import { wrap } from './wrap.ts';

const cells: Readonly<Record<Outcome, string>> = { survived: 'yes', 'not-survived': 'NO', 'not-there': '-', unknown: '?' };

export function schemesText(schemes: readonly SchemeDescription[]): string {
  return `What keeps the endpoint alive: spec.scheme in the cluster file.

${tables(schemes)}

yes: survived   NO: not survived   -: there is no such thing   ?: up to yours

${schemes.map(details).join('\n')}`;
}

const labelWidth = Math.max(...everyFault.map(({ briefly }) => briefly.length));

interface Group {
  readonly name: string;
  readonly columns: readonly ReturnType<typeof columnOf>[];
}

/** As many schemes in a table as there is room for, and the others in the next one. */
function tables(schemes: readonly SchemeDescription[]): string {
  const done: string[] = [];
  let groups: readonly Group[] = [];
  for (const [name, members] of Map.groupBy(schemes, ({ name }) => name)) {
    const more = [...groups, { name, columns: members.map(columnOf) }];
    const fits = table(more)
      .split('\n')
      .every((line) => line.length <= 80);
    if (!fits) done.push(table(groups));
    groups = fits ? more : more.slice(-1);
  }
  return [...done, table(groups)].join('\n\n');
}

function table(groups: readonly Group[]): string {
  const lines = [
    ['', ...groups.map(({ name, columns }) => name.padEnd(joined(columns.map((column) => column.head)).length))],
    ['', ...groups.map(({ columns }) => joined(columns.map((column) => column.head)))],
    ...everyFault.map(({ briefly }, row) => [
      briefly,
      ...groups.map(({ columns }) => joined(columns.map(({ head, rows }) => (rows[row] ?? '').padEnd(head.length)))),
    ]),
  ];
  return lines.map(([label = '', ...rest]) => [label.padEnd(labelWidth), ...rest].join('  ').trimEnd()).join('\n');
}

function columnOf({ name, variant, outcomes }: SchemeDescription): { readonly head: string; readonly rows: readonly string[] } {
  const proxy = variant.slice(name.length + 1);
  return { head: proxy.padEnd(proxy === '' ? name.length : 0), rows: outcomes.map(({ outcome }) => cells[outcome]) };
}

function joined(words: readonly string[]): string {
  return words.join(' ');
}

function details({ variant, file, summary, costs }: SchemeDescription): string {
  const cost = costs.flatMap((text) => wrap(text, 74).map((line, index) => `${index === 0 ? '    - ' : '      '}${line}\n`));
  const said = wrap(summary, 78).map((line) => `  ${line}\n`);
  return `${variant}\n  scheme: ${file}\n${said.join('')}  costs\n${cost.join('')}`;
}
