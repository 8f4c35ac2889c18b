/** The report as one page that needs no network: the verdict is in it as text, the lanes are drawn by its own small script. */

import { createHash } from 'node:crypto';
import { jsonForScript, escapeHtml as text } from './escape-html.ts';
import { eventLines } from './event-lines.ts';
import type { Judged } from './judged.ts';
import { pageRecording } from './page-input.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { besideOneAnother, budgetRows, facts, linesText, overviewHead, overviewRows, probeRows, subject } from './summary.ts';
import { factNames } from './text-report.ts';

/** The whole page. One recording or several, which lie under one another by their faults. */
export function htmlReport(judged: readonly Judged[]): string {
  const data = { recordings: judged.map(pageRecording) };
  const title = judged.length === 1 ? `Drill: ${judged[0]?.recording.header.fault}` : `${judged.length} drills compared`;
  const policy = `default-src 'none'; script-src '${digest(pageScript)}'; style-src '${digest(pageStyle)}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${text(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>${text(title)}</h1>
${judged.length > 1 ? comparison(judged) : ''}
${legend}
</header>
${tools}
<main>
${judged.map((one, index) => section(one, index + 1)).join('\n')}
</main>
<script type="application/json" id="data">${jsonForScript(data)}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

function digest(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

const buttons = [
  ['in', '+', 'look closer (+)'],
  ['out', '−', 'look from further away (−)'],
  ['left', '←', 'earlier (left arrow)'],
  ['right', '→', 'later (right arrow)'],
  ['fault', 'fault', 'around the fault (f)'],
  ['all', 'all', 'the whole recording (0)'],
  ['previous', '‹ event', 'the event before (p)'],
  ['next', 'event ›', 'the next event (n)'],
] as const;

const swatch = (kind: string, top: number) =>
  `<svg viewBox="0 0 22 12" aria-hidden="true"><path class="${kind}" d="M0 ${top}H22V12H0z"/></svg>`;

const legend = `<p class="legend"><span>${swatch('good', 0)}served</span><span>${swatch('mixed', 4)}some served</span><span>${swatch('bad', 8)}not served</span></p>`;

const tools = `<div class="tools" role="toolbar" aria-label="time line">
${buttons.map(([name, label, title]) => `<button type="button" data-do="${name}" title="${title}" aria-label="${title}">${label}</button>`).join('\n')}
<div id="readout" aria-live="polite">Point at a time line to read it. Drag to move; click it, then use the wheel or the keys + − ← → 0 f n p.</div>
</div>`;

function section(one: Judged, number: number): string {
  const { recording, verdict } = one;
  return `<section id="r${number}" aria-label="${text(recording.name)}">
<h2><span class="verdict ${verdict.result}">${verdict.result}</span> ${text(recording.name)}</h2>
<p class="quiet">${text(subject(one))}</p>
${reasons(one)}
<dl class="facts">${facts(one)
    .map(({ name, value }) => `<div><dt>${text(name)}</dt><dd>${text(value)}</dd></div>`)
    .join('')}</dl>
<div class="chart" tabindex="0" role="group" aria-label="time line of ${text(recording.name)}: arrows move, plus and minus zoom, n and p go to events"></div>
<noscript><p>The time line is drawn by the page's script, which does not run here; everything else is below.</p></noscript>
<h3>Budgets</h3>
<div class="figures">${table(
    ['', 'measured', 'at most', ''],
    budgetRows(one).map(({ name, measured, budget, kept }) => [cell(name), cell(measured), cell(budget), cell(kept, kept)]),
  )}</div>
<h3>Clients</h3>
${table(
  ['', 'longest gap', 'from the fault', 'attempts', 'why'],
  probeRows(one).map(({ name, gap, span, attempts, why }) => [name, gap, span, attempts, why].map((value) => cell(value))),
)}
${events(one)}
</section>`;
}

function reasons({ verdict }: Judged): string {
  if (verdict.reasons.length === 0) return '';
  const items = verdict.reasons.map(({ verdict: kind, text: words, lines, atMs }) => {
    const where = [
      ...(atMs === undefined ? [] : [`at ${sinceFault(atMs, verdict.fault.injectedMs)}`]),
      ...(lines.length === 0 ? [] : [linesText(lines)]),
    ];
    return `<li class="${kind}">${kind === 'note' ? '' : `<strong>${kind}:</strong> `}${text(words)} <small>${text(where.join(', '))}</small></li>`;
  });
  return `<ul class="reasons">${items.join('')}</ul>`;
}

function events({ recording, verdict }: Judged): string {
  const zeroMs = verdict.fault.injectedMs ?? 0;
  const lines = eventLines(recording);
  const shown = lines.filter(({ initial }) => !initial);
  const initial = lines.filter((line) => line.initial).map((line) => line.text);
  const rows = shown.map(({ atMs, text: words, line }) => [
    `<td><button type="button" data-ms="${Math.round(atMs - zeroMs)}">${text(sinceFault(atMs, zeroMs))}</button></td>`,
    cell(words),
    cell(`line ${line}`),
  ]);
  return `<details${rows.length <= 40 ? ' open' : ''}><summary>${shown.length} events</summary>
${table(['from the fault', 'what', ''], rows)}
${initial.length === 0 ? '' : `<p><small>In the beginning: ${text(initial.join('; '))}</small></p>`}
</details>`;
}

/** Each name leads to its recording below. */
function overview(judged: readonly Judged[]): string {
  const rows = overviewRows(judged).map(({ name, scheme, fault, result, figures, why }, index) => [
    `<td><a href="#r${index + 1}">${text(name)}</a></td>`,
    cell(scheme),
    cell(fault),
    `<td><span class="verdict ${result}">${result}</span></td>`,
    ...figures.map((figure) => cell(figure)),
    cell(why),
  ]);
  const count = (result: string) => judged.filter(({ verdict }) => verdict.result === result).length;
  const sum = ['pass', 'fail', 'inconclusive'].filter((result) => count(result) > 0).map((result) => `${count(result)} ${result}`);
  return `<p>${sum.join(', ')}</p>\n${table(overviewHead, rows)}`;
}

function comparison(judged: readonly Judged[]): string {
  if (judged.length > besideOneAnother) return overview(judged);
  const names = [...new Set(judged.flatMap((one) => budgetRows(one).map(({ name }) => name)))];
  const measured = (one: Judged, name: string) => {
    const row = budgetRows(one).find((own) => own.name === name);
    return cell(row === undefined ? '–' : row.measured, row?.kept);
  };
  return table(
    ['', ...judged.map(({ recording }) => recording.name)],
    [
      [cell('scheme'), ...judged.map(({ recording }) => cell(recording.header.scheme))],
      [cell('fault'), ...judged.map(({ recording }) => cell(recording.header.fault))],
      [cell('verdict'), ...judged.map(({ verdict }) => `<td><span class="verdict ${verdict.result}">${verdict.result}</span></td>`)],
      ...factNames(judged).map((name) => [
        cell(name),
        ...judged.map((one) => cell(facts(one).find((fact) => fact.name === name)?.value ?? '–')),
      ]),
      ...names.map((name) => [cell(`budget: ${name}`), ...judged.map((one) => measured(one, name))]),
    ],
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const headers = head.map((name) => `<th scope="col">${text(name)}</th>`).join('');
  return `<div class="scroll"><table><thead><tr>${headers}</tr></thead><tbody>${rows.map((cells) => `<tr>${cells.join('')}</tr>`).join('')}</tbody></table></div>`;
}

function cell(value: string, kind = ''): string {
  const marked = kind === 'missed' || kind === 'unsure' ? ` class="${kind}"` : '';
  return `<td${marked}>${text(value)}</td>`;
}

function sinceFault(ms: number, zeroMs = 0): string {
  return `${ms < zeroMs ? '−' : '+'}${(Math.abs(ms - zeroMs) / 1000).toFixed(2)} s`;
}
