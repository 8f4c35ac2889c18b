/** docs/drill-results.md, from what was taken up of recorded drills. Pure. */

import { type DrillResult, longestNewConnectionsMs, outcomeOf } from './drill-result.ts';
import { markdownTable, seconds } from './figures.ts';
import { type Evidence, english, survivedTable } from './survived-table.ts';

const head = `# Drills that were run

Made from bench/results/drills by \`npm run drills:docs\`; nothing in it is typed. Each row is one recording of \`trivet drill run\` on a lab (three masters and a worker unless said otherwise), judged again by today's trivet when it was taken up (\`node bench/drill-docs.ts --take FILE…\`). One run each, so these are examples and not medians: [bench/README.md](../bench/README.md) has those. What the verdict rests on: [drills.md](drills.md).
`;

export function drillPage(evidence: Evidence): string {
  const { results, schemes } = evidence;
  const order = schemes.map(({ variant }) => variant);
  const sorted = results.toSorted(
    (a, b) =>
      order.indexOf(a.recording.header.scheme) - order.indexOf(b.recording.header.scheme) ||
      a.recording.header.drill.localeCompare(b.recording.header.drill),
  );
  const table = survivedTable(evidence, { ...english, legend: english.legend.replaceAll('(docs/', '(') });
  return `${head}
## What each scheme survives

${table}

## Every drill

${sorted.length === 0 ? 'None was taken up yet.' : everyDrill(sorted)}

## What it was measured on

${[...new Set(sorted.map(({ on }) => surroundingsOf(on)))].map((text) => `- ${text}`).join('\n') || 'Nothing yet.'}
`;
}

function everyDrill(results: readonly DrillResult[]): string {
  return markdownTable(
    ['scheme', 'drill', 'verdict', 'new connections', 'writes: acknowledged, lost', 'whole again after', 'why'],
    results.map((result) => {
      const { header, verdict } = result.recording;
      const sum = (of: (one: (typeof verdict.writes)[number]) => number) => verdict.writes.reduce((total, one) => total + of(one), 0);
      const lost = sum((one) => one.lost.length);
      const recoverMs = verdict.recover?.ms;
      return [
        `\`${header.scheme}\``,
        header.drill,
        { survived: 'pass', 'over budget': '**over budget**', refuted: '**fail**', inconclusive: 'inconclusive' }[outcomeOf(result)],
        seconds((longestNewConnectionsMs(result) ?? Number.NaN) / 1000),
        verdict.writes.length === 0 ? '–' : `${sum((one) => one.acknowledged)}, ${lost === 0 ? '0' : `**${lost}**`}`,
        seconds((recoverMs ?? Number.NaN) / 1000, 1),
        escaped(verdict.reasons.filter(({ verdict: kind }) => kind !== 'note')[0]?.text ?? ''),
      ];
    }),
  );
}

function surroundingsOf({ date, commit, cores, processor, memoryGiB, kernel, node }: DrillResult['on']): string {
  return `${date.slice(0, 10)}, commit ${commit}, ${cores} cores (${processor}), ${memoryGiB} GiB, Linux ${kernel}, Node ${node}`;
}

function escaped(text: string): string {
  return text.slice(0, 200).replaceAll(/[|<>`]/g, (character) => `\\${character}`);
}
