/** What became of the watches in each place, by the apiserver that they were with. */

import { judgeWatch, type WatchVerdict } from '../judge-watch.ts';
import type { Recording } from '../recording/recording.ts';
import type { FaultTimes, Lane } from './lanes.ts';

export type WatchFigures = WatchVerdict & { readonly from: string };

export function judgeWatches(
  recording: Recording,
  lanes: readonly Lane[],
  { injectedMs, victims }: FaultTimes,
  untilMs: number,
): readonly WatchFigures[] {
  const watching = lanes.filter(({ client }) => client !== undefined);
  const addresses = recording.header.machines.filter(({ name }) => victims.includes(name)).map(({ name, address }) => address ?? name);
  const faultMs = injectedMs ?? 0;
  return [...new Set(watching.map(({ from }) => from))].map((from) => {
    const events = watching.filter((lane) => lane.from === from).flatMap(({ attempts }) => attempts.map(({ event }) => event));
    return { from, ...judgeWatch(events, { faultMs, window: { startMs: faultMs, endMs: untilMs }, victim: addresses[0] ?? '' }) };
  });
}
