/** The page's style sheet: light, dark, paper, and narrow screens. Colours stand for the same in words and lanes. */

export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #fff; --raised: #f5f6f8; --text: #1b1f24; --quiet: #59636e; --line: #d5d9de;
  --good: #2f9e83; --mixed: #e0a100; --bad: #c8321f; --good-text: #13705a; --bad-text: #b3261e; --unsure: #8a6100;
  --c0: #cfe0f8; --c1: #e5d5f6; --c2: #fbe0c4; --c3: #d3ecd2; --c4: #f9d3e2; --c5: #d9e7ea; --on-c: #1b1f24; --on-bad: #fff;
  --cursor: #5b6470;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151a; --raised: #1b2027; --text: #e6e9ed; --quiet: #9aa5b1; --line: #333b45;
    --good: #37a98d; --mixed: #d9a514; --bad: #f0604d; --good-text: #5fd0b4; --bad-text: #ff8a7a; --unsure: #e8bd55;
    --c0: #2b4a74; --c1: #503b73; --c2: #6d4a22; --c3: #2f5a35; --c4: #6b3049; --c5: #38525a; --on-c: #f0f3f6; --on-bad: #1b0805;
    --cursor: #b9c3cd;
  }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #fff; --raised: #fff; --text: #000; --quiet: #444; --line: #bbb;
    --good: #6fb8a6; --mixed: #d9a514; --bad: #b3261e; --good-text: #0d5c49; --bad-text: #9b1c14; --unsure: #6b4b00;
    --c0: #dbe7f8; --c1: #ebe0f6; --c2: #fbe8d4; --c3: #dff0de; --c4: #f9dfe9; --c5: #e3edef; --on-c: #000; --on-bad: #fff;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem clamp(.75rem, 2vw, 2rem) 4rem; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.35rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .1rem; overflow-wrap: anywhere; }
h3 { font-size: .95rem; margin: 1.25rem 0 .35rem; }
p { margin: .2rem 0 .6rem; }
.quiet, small { color: var(--quiet); }
.verdict { display: inline-block; border-radius: 4px; padding: .05rem .5rem; font-weight: 700; border: 2px solid; }
.pass { color: var(--good-text); } .fail { color: var(--bad-text); } .inconclusive { color: var(--unsure); }
ul.reasons { margin: .5rem 0; padding: 0; list-style: none; }
ul.reasons li { border-left: 4px solid var(--line); padding: .15rem .6rem; margin: .3rem 0; overflow-wrap: anywhere; }
ul.reasons li.fail { border-color: var(--bad); } ul.reasons li.inconclusive { border-color: var(--mixed); }
ul.reasons li, ul.reasons li * { color: var(--text); } ul.reasons li small { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
a { color: inherit; }
section { scroll-margin-top: 7rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; } td.missed { color: var(--bad-text); font-weight: 700; } td.unsure { color: var(--unsure); font-weight: 700; }
.tools { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; background: var(--ground); padding: .5rem 0; border-bottom: 1px solid var(--line); }
button { font: inherit; font-size: .875rem; color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: 5px; padding: .25rem .65rem; min-height: 2rem; min-width: 2rem; cursor: pointer; }
button:hover { border-color: var(--quiet); }
:focus-visible { outline: 3px solid #3b7dd8; outline-offset: 2px; }
#readout { flex: 1 1 100%; min-height: 2.9em; max-height: 2.9em; overflow: auto; font-size: .8rem; color: var(--quiet); white-space: pre-line; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .5rem 0 0; font-size: .8rem; color: var(--quiet); }
.legend svg { width: 22px; height: 12px; vertical-align: -1px; margin-right: .3rem; }
.chart { margin: .5rem 0 1rem; touch-action: pan-y; cursor: crosshair; user-select: none; }
.row { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: .75rem; align-items: center; margin-bottom: 3px; break-inside: avoid; }
.row .label { font-size: .8rem; line-height: 1.2; text-align: right; overflow-wrap: anywhere; }
.row .label small { display: block; font-size: .7rem; }
.row svg { width: 100%; display: block; background: var(--raised); border-radius: 2px; }
.row.axis svg { background: none; }
.row.small { margin-bottom: 2px; }
svg text { font: 11px system-ui, sans-serif; fill: var(--text); }
svg .good { fill: var(--good); } svg .mixed { fill: var(--mixed); } svg .bad { fill: var(--bad); }
svg path.gap { fill: none; stroke: var(--text); stroke-width: 1.3; } svg path.gap.over { stroke: var(--bad-text); stroke-width: 2; }
svg text.gap { font-weight: 600; } svg text.gap.over { fill: var(--bad-text); }
svg rect.plate { fill: var(--ground); opacity: .88; }
svg line.tick { stroke: var(--quiet); } svg text.tick { fill: var(--quiet); }
svg line.mark { stroke: var(--bad); stroke-width: 1.5; } svg line.mark.heal { stroke: var(--good-text); stroke-dasharray: 4 3; }
svg text.mark { fill: var(--bad-text); font-weight: 600; } svg text.mark.heal { fill: var(--good-text); }
svg line.cursor { stroke: var(--cursor); stroke-dasharray: 2 2; }
svg rect.state { fill: var(--c5); } svg text.state { fill: var(--on-c); }
svg rect.tgood { fill: var(--c3); } svg rect.twarn { fill: var(--mixed); } svg rect.tbad { fill: var(--bad); } svg text.tbad { fill: var(--on-bad); font-weight: 600; } svg text.twarn { fill: #000; }
svg rect.t0 { fill: var(--c0); } svg rect.t1 { fill: var(--c1); } svg rect.t2 { fill: var(--c2); } svg rect.t3 { fill: var(--c3); } svg rect.t4 { fill: var(--c4); } svg rect.t5 { fill: var(--c5); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .6rem; margin: .6rem 0; }
.facts div { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .4rem .6rem; }
.facts dt { color: var(--quiet); font-size: .78rem; } .facts dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.figures td:not(:first-child) { white-space: nowrap; }
details { margin: .6rem 0; } summary { cursor: pointer; font-weight: 600; }
td button { padding: 0 .4rem; min-height: 1.5rem; font-variant-numeric: tabular-nums; }
@media (max-width: 720px) {
  .row { grid-template-columns: minmax(0, 1fr); gap: 1px; margin-bottom: 6px; }
  .row .label { text-align: left; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
  .row .label small { display: inline; }
  .tools { gap: .25rem; } button { padding: .2rem .4rem; }
  #readout { min-height: 2.4em; max-height: 2.4em; line-height: 1.2; font-size: .75rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .tools { display: none; }
  .row { grid-template-columns: 9.5rem minmax(0, 1fr); gap: .5rem; }
  .row .label { text-align: right; } .row .label small { display: block; }
  svg, svg * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2 { break-after: avoid; } section + section { break-before: page; }
  .facts div, tr { break-inside: avoid; }
  td button { border: 0; padding: 0; background: none; }
}
`;
