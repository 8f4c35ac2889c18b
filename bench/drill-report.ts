/** What a recording of ten minutes costs: its size, judging it, the page's size, and opening that in a real browser. */

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { findChromium, startChromium } from '../test/browser/chromium.ts';
import { median } from './parts/figures.ts';
import { saveResult } from './parts/results.ts';
import { simulateRecording } from './parts/simulated-recording.ts';
import { surroundings } from './parts/surroundings.ts';
import { timedRun, trivetProgram } from './parts/timed-run.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, minutes: { type: 'string', default: '10' }, results: { type: 'string' } },
});
const runs = Number(values.runs);
const minutes = Number(values.minutes);
const program = findChromium();
if (program === undefined) throw new Error('there is no Chromium on PATH: apt-get install chromium');

/** In the page: milliseconds from the beginning of the navigation until the frame with the first picture is done. */
const drawn = `new Promise((resolve) => {
  const look = () => (document.body?.dataset.drawn === undefined ? requestAnimationFrame(look) : setTimeout(() => resolve(performance.now())));
  look();
})`;
/** Milliseconds of one redraw of everything. */
const zoomed = `new Promise((resolve) => {
  const started = performance.now();
  document.querySelector('[data-do=all]').click();
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
})`;

const shapes = {
  'one probe in each of 4 places': { minutes, probes: ['new connections'], watches: 0 },
  'six probes and eight watches in each of 4 places': {
    minutes,
    probes: ['new connections', 'linearizable reads', 'writes', 'reused connection', 'application', 'dns'],
    watches: 8,
  },
};

const directory = await mkdtemp(join(tmpdir(), 'trivet-drill-report-'));
const on = await surroundings();
const results: object[] = [];
try {
  for (const [name, shape] of Object.entries(shapes)) {
    const file = join(directory, `${results.length}.ndjson`);
    const page = join(directory, `${results.length}.html`);
    const events = simulateRecording(file, shape, alikeEveryTime());
    const judging: number[] = [];
    for (let run = 0; run < runs; run++) {
      const { seconds, code, stderr } = await timedRun([trivetProgram, 'drill', 'report', file, '--html', page]);
      if (code > 1) throw new Error(`trivet drill report: ${stderr}`);
      judging.push(seconds);
    }
    const opening: number[] = [];
    const chromium = await startChromium(program);
    for (let run = 0; run < runs; run++) {
      const opened = await chromium.open(`file://${page}`);
      opening.push(Number(await opened.evaluate(drawn)) / 1000);
    }
    const opened = await chromium.open(`file://${page}`);
    const zooming = Number(await opened.evaluate(zoomed)) / 1000;
    await chromium.close();
    const packed = `${file}.gz`;
    writeFileSync(packed, gzipSync(readFileSync(file)));
    const result = {
      recording: name,
      minutes,
      events,
      recordingMegabytes: statSync(file).size / 1e6,
      packedMegabytes: statSync(packed).size / 1e6,
      pageMegabytes: statSync(page).size / 1e6,
      judgingSeconds: judging,
      openingSeconds: opening,
      redrawSeconds: zooming,
    };
    results.push(result);
    console.log(
      `${name}, ${minutes} min: ${events} events; recording ${result.recordingMegabytes.toFixed(1)} MB (packed ${result.packedMegabytes.toFixed(1)}), page ${result.pageMegabytes.toFixed(2)} MB (goal 5); ` +
        `drill report ${median(judging).toFixed(2)} s; page drawn after ${median(opening).toFixed(2)} s, at worst ${Math.max(...opening).toFixed(2)} s (goal 1); one redraw ${zooming.toFixed(3)} s`,
    );
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
await saveResult('drill-report', { on, results }, ...(values.results === undefined ? [] : [values.results]));

/** Park and Miller's numbers, 0 to 1. */
function alikeEveryTime(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}
