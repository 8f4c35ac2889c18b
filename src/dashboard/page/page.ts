/** The dashboard's page: keeps the server's view, and draws it anew, at most once a frame. */

import { applyChange } from './apply-change.ts';
import { showDrill } from './drill.ts';
import { find } from './elements.ts';
import { showMachines } from './machines.ts';
import { announce, newsOf } from './news.ts';
import type { Change, View } from './page-data.ts';
import { showRecordings } from './recordings.ts';
import { listen } from './stream.ts';
import { showLooked, showSummary } from './summary.ts';

// The token is in the cookie by now: not in the history, not on a screen that is shared.
history.replaceState(null, '', '/');

const nothing: View = { cluster: '', scheme: '', look: {}, recordings: [] };
let view = nothing;
let drawn: View = nothing;
let ahead = 0;
let lost: string | undefined;
let asked = false;

function take(change: Change): void {
  // The server's clock, as it was when this was sent.
  if (change.kind === 'view' || change.kind === 'beat') ahead = change.nowMs - performance.now();
  const before = view;
  view = applyChange(view, change);
  if (before !== nothing) announce(newsOf(before, view));
  if (!asked) {
    asked = true;
    requestAnimationFrame(draw);
  }
}

/** Only what is not as it was drawn. */
function draw(): void {
  asked = false;
  const { status, drill, look, recordings, cluster } = view;
  const victims = drill?.victims ?? {};
  if (status !== drawn.status || drawn === nothing) showSummary(status);
  if (status !== undefined && (status !== drawn.status || drill !== drawn.drill)) showMachines(status, victims);
  if (drill !== drawn.drill) showDrill(drill);
  if (recordings !== drawn.recordings || drawn === nothing) showRecordings(recordings, cluster);
  if (look !== drawn.look) showAge();
  drawn = view;
  document.body.dataset.drawn ??= String(Math.round(performance.now()));
}

function showAge(): void {
  showLooked(view.look, performance.now() + ahead, lost);
}

view = applyChange(view, JSON.parse(find('#data').textContent ?? ''));
ahead = JSON.parse(find('#data').textContent ?? '').nowMs - performance.now();
draw();
setInterval(showAge, 1000);
listen(take, (word) => {
  if (lost === word) return;
  announce(word === undefined ? ['the server answers again'] : [word]);
  lost = word;
  showAge();
});
