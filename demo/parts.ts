/** The parts of the demo on the terminal: what is being done, how long it usually takes, how long it took. */

import { performance } from 'node:perf_hooks';

const taken: { title: string; seconds: number }[] = [];

/** Runs one part under a heading. */
export async function part<T>(title: string, usual: string, work: () => Promise<T>): Promise<T> {
  console.log(`\n▸ ${title} (usually ${usual})`);
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  taken.push({ title, seconds });
  console.log(`  done in ${seconds.toFixed(1)} s`);
  return result;
}

/** How long each part took, and all of them. */
export function partTimes(): readonly string[] {
  const width = Math.max(...taken.map(({ title }) => title.length), 'in all'.length);
  const line = (title: string, seconds: number) => `  ${title.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s`;
  return [
    ...taken.map(({ title, seconds }) => line(title, seconds)),
    line(
      'in all',
      taken.reduce((sum, { seconds }) => sum + seconds, 0),
    ),
  ];
}
