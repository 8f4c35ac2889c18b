/** The dashboard's style sheet: light and dark, from 360 pixels on. What is good is quiet; colour is never the only sign. */

export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f7f8fa; --raised: #fff; --text: #1b1f24; --quiet: #59636e; --line: #d9dde2; --track: #eef0f3;
  --good: #2f9e83; --mixed: #e0a100; --bad: #c8321f; --good-text: #13705a; --bad-text: #b3261e; --unsure: #805a00;
  --vip: #1d5fc4; --on-vip: #fff; --focus: #1d5fc4;
  --s0: #cfe0f8; --s1: #e5d5f6; --s2: #fbe0c4; --s3: #d3ecd2; --s4: #f9d3e2; --s5: #d9e7ea; --on-s: #1b1f24; --on-bad: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101317; --raised: #191e24; --text: #e6e9ed; --quiet: #9aa5b1; --line: #313943; --track: #232a32;
    --good: #37a98d; --mixed: #d9a514; --bad: #f0604d; --good-text: #5fd0b4; --bad-text: #ff8a7a; --unsure: #e8bd55;
    --vip: #8ab8ff; --on-vip: #0b1a30; --focus: #8ab8ff;
    --s0: #2b4a74; --s1: #503b73; --s2: #6d4a22; --s3: #2f5a35; --s4: #6b3049; --s5: #38525a; --on-s: #f0f3f6; --on-bad: #1b0805;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; max-width: 100rem; padding: 1rem clamp(.75rem, 2vw, 2rem) 3rem; background: var(--ground); color: var(--text); font: 15px/1.4 system-ui, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.35rem; } h1 small { font-size: .85rem; font-weight: 400; color: var(--quiet); }
h2 { font-size: 1rem; margin-bottom: .5rem; } h3 { font-size: .95rem; }
.quiet, small { color: var(--quiet); }
a { color: var(--vip); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
#machines:focus { outline: none; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: .5rem; top: .5rem; z-index: 9; background: var(--raised); padding: .4rem .8rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
.verdict { font-weight: 700; white-space: nowrap; }
.pass { color: var(--good-text); } .fail, .unreadable { color: var(--bad-text); } .inconclusive { color: var(--unsure); } .verdict.none { color: var(--quiet); font-weight: 400; }
#looked { font-size: .9rem; } #looked.lost { color: var(--bad-text); font-weight: 600; } #looked.stale { color: var(--unsure); font-weight: 600; }
#news { flex: 1 1 100%; min-height: 1.4em; font-size: .9rem; color: var(--quiet); }
#news::before { content: "latest: "; }
section { margin-top: 1.1rem; }
body.lost main { opacity: .55; }
#problems { border-left: 4px solid var(--bad); padding-left: .8rem; } #problems h2 { margin: 0; color: var(--bad-text); }
#problems li::before { content: "✗ "; color: var(--bad-text); }
#summary dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); border: 1px solid var(--line); border-radius: 8px; background: var(--raised); overflow: hidden; }
#summary dl > div { padding: .5rem .9rem; box-shadow: -1px -1px 0 var(--line); }
#summary dt { font-size: .8rem; color: var(--quiet); } #summary .value { font-weight: 600; } #summary .more { font-size: .85rem; color: var(--quiet); }
#summary .bad .value { color: var(--bad-text); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16.5rem, 100%), 1fr)); gap: .6rem; }
.machine { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .55rem .8rem .6rem; min-width: 0; }
.machine.bad { border-color: var(--bad); }
.machine.victim { border-style: dashed; border-color: var(--bad); }
.machine .head { display: flex; justify-content: space-between; align-items: baseline; gap: .5rem; } .machine .address { font-size: .8rem; }
.badges { display: flex; flex-wrap: wrap; gap: .3rem; min-height: 1.55rem; margin: .2rem 0; align-items: center; }
.badge, .vip { font-size: .78rem; line-height: 1.35; border-radius: 99px; padding: .05rem .55rem; border: 1px solid var(--line); color: var(--text); white-space: nowrap; }
.vip { background: var(--vip); border-color: var(--vip); color: var(--on-vip); font-weight: 700; z-index: 3; position: relative; }
.badge.victim { background: var(--bad); border-color: var(--bad); color: var(--on-bad); font-weight: 700; } .badge.second { border-color: var(--bad); color: var(--bad-text); font-weight: 700; }
.unreachable { color: var(--bad-text); font-size: .85rem; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.words { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.2rem, 1fr)); gap: 0 .8rem; font-size: .85rem; }
.words li { display: flex; flex-wrap: wrap; gap: 0 .3rem; } .words .name { color: var(--quiet); }
.words .bad .word { color: var(--bad-text); font-weight: 700; } .words .bad .word::before { content: "✗ "; }
.words .good .word::before { content: "✓ "; color: var(--good-text); }
.backends { margin-top: .25rem; padding-top: .25rem; border-top: 1px solid var(--line); font-size: .85rem; color: var(--quiet); display: flex; flex-wrap: wrap; gap: 0 .7rem; }
.backends b { color: var(--text); font-weight: 600; } .backends .bad { color: var(--bad-text); font-weight: 700; } .backends .unsure { color: var(--unsure); font-weight: 700; }
.backends .bad::before { content: "✗ "; } .backends .unsure::before { content: "? "; } .backends .good::before { content: "✓ "; color: var(--good-text); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(11rem, 100%), 1fr)); gap: .35rem; }
.tiles .machine { padding: .3rem .55rem; border-radius: 6px; contain: content; } .tiles .address { font-size: .72rem; } .tiles .badges:empty { display: none; }
.tiles .words { display: block; font-size: .78rem; } .tiles .words .good:not([data-key=node]) { display: none; } .tiles .backends { font-size: .78rem; border: 0; margin: 0; padding: 0; } .tiles .badges { min-height: 0; }
#drill { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .8rem .9rem; }
#drill h2 { margin: 0; } #drill h3 { font-size: .85rem; color: var(--quiet); font-weight: 600; }
.drill-body { display: grid; grid-template-columns: minmax(0, 1fr) 22rem; gap: 1.25rem; margin-top: .6rem; }
.time { position: relative; --label: 13rem; --now: 9.5rem; padding-top: 1.1rem; }
.row { display: grid; grid-template-columns: var(--label) minmax(0, 1fr) var(--now); align-items: center; margin-bottom: 3px; }
.row .label { font-size: .82rem; line-height: 1.15; padding-right: .7rem; text-align: right; } .row .label small { white-space: nowrap; }
.row svg { display: block; width: 100%; height: 20px; background: var(--track); border-radius: 2px; shape-rendering: crispEdges; }
.row .now { font-size: .82rem; padding-left: .7rem; color: var(--quiet); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .row .now.bad { color: var(--bad-text); font-weight: 700; }
path.good { fill: var(--good); } path.mixed { fill: var(--mixed); } path.bad { fill: var(--bad); }
.segments { position: relative; display: block; height: 18px; background: var(--track); border-radius: 2px; overflow: hidden; }
.segment { position: absolute; top: 0; bottom: 0; font-size: .75rem; line-height: 18px; padding-left: .3rem; overflow: hidden; white-space: nowrap; color: var(--on-s); border-left: 1px solid var(--raised); }
.s0 { background: var(--s0); } .s1 { background: var(--s1); } .s2 { background: var(--s2); } .s3 { background: var(--s3); } .s4 { background: var(--s4); } .s5 { background: var(--s5); }
.segment.nobody { background: var(--bad); color: var(--on-bad); font-weight: 700; }
#lanes { margin-top: .5rem; }
.marks { position: absolute; top: 0; bottom: 3.4rem; left: var(--label); right: var(--now); pointer-events: none; z-index: 2; }
.mark { position: absolute; top: 0; bottom: 0; border-left: 2px solid var(--bad); padding-left: .3rem; font-size: .75rem; line-height: 1; font-weight: 700; color: var(--bad-text); white-space: nowrap; }
.mark.heal { border-left-style: dashed; border-color: var(--good-text); color: var(--good-text); }
.mark.late { border-left: 0; border-right: 2px solid var(--bad); padding: 0 .3rem 0 0; transform: translateX(-100%); } .mark.heal.late { border-right-style: dashed; border-color: var(--good-text); }
.axis { position: relative; height: 1.2rem; margin: 0 var(--now) 0 var(--label); font-size: .75rem; color: var(--quiet); overflow: hidden; }
.tick { position: absolute; white-space: nowrap; padding-left: 3px; border-left: 1px solid var(--line); }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .3rem 0 0 var(--label); font-size: .78rem; color: var(--quiet); }
.legend i { display: inline-block; width: 18px; vertical-align: bottom; margin: 0 .35rem 4px 0; } .legend i.good { height: 11px; background: var(--good); } .legend i.mixed { height: 7px; background: var(--mixed); } .legend i.bad { height: 4px; background: var(--bad); }
#events { font-size: .85rem; } #events li { display: grid; grid-template-columns: 4.6rem minmax(0, 1fr); gap: .5rem; padding: .12rem 0; } #events .at { text-align: right; color: var(--quiet); } #events .bad .text { color: var(--bad-text); }
#verdict { margin-top: .4rem; } #verdict .result { font-size: 1.05rem; } #verdict .verdict { border: 2px solid; border-radius: 4px; padding: 0 .45rem; margin-right: .5rem; }
.reasons { margin: .4rem 0; } .reasons li { border-left: 3px solid var(--line); padding-left: .6rem; margin: .2rem 0; font-size: .9rem; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1.6rem; margin-top: .3rem; font-size: .88rem; } .facts > div { display: flex; gap: .4rem; flex-wrap: wrap; } .facts dt { color: var(--quiet); } .facts dd { font-weight: 600; }
#recordings ul { border-top: 1px solid var(--line); } #recordings li { display: grid; grid-template-columns: 6.2rem minmax(0, 1fr); gap: 0 .8rem; padding: .35rem 0; border-bottom: 1px solid var(--line); align-items: baseline; font-size: .9rem; }
#recordings a { display: flex; flex-wrap: wrap; gap: 0 .9rem; text-decoration: none; } #recordings .what { font-weight: 600; text-decoration: underline; text-underline-offset: 2px; } #recordings .of { color: var(--quiet); } #recordings .why { grid-column: 2; } #recordings .why:empty { display: none; }
@media (max-width: 1000px) { .drill-body { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 640px) {
  .time { --label: 0rem; --now: 0rem; }
  .mark { opacity: .6; }
  .row { grid-template-columns: minmax(0, 1fr) auto; margin-bottom: 5px; } .row svg, .row .segments { grid-column: 1 / -1; grid-row: 2; } .row .label { text-align: left; }
  .words { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); }
  #recordings li { grid-template-columns: minmax(0, 1fr); } #recordings .why { grid-column: 1; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) { path.good, path.mixed, path.bad { fill: CanvasText; } .legend i { background: CanvasText; } }
`;
