/** Writes what a power cut under clients came to as a drill's recording, so that `trivet drill report` can judge and show it. */

import { join } from 'node:path';
import type { ProbeKind } from '../../src/drill/probes/probe-plan.ts';
import { drillRecorder, packRecording, sinceStart } from '../../src/drill/recording/recorder.ts';
import { timeOf } from '../../src/drill/recording/recording.ts';
import type { Lab } from '../../src/lab/lab-file.ts';
import { stateDirectory } from '../../src/local/directories.ts';
import type { RecordedEvent } from '../../src/model/event.ts';
import type { PowerCut } from './power-cut.ts';
import { type Variant, variantSlug } from './variant.ts';

export interface LossRecording {
  readonly lab: Pick<Lab, 'name' | 'machines'>;
  readonly variant: Variant;
  readonly trivet: string;
  readonly victim: string;
  readonly cut: PowerCut;
  readonly outside: readonly ProbeKind[];
  readonly worker: readonly ProbeKind[];
  /** Number and revision of the writes that were there afterwards. */
  readonly readBack: ReadonlyMap<number, number>;
  /** On the probes' clock: when it was read back, the machine was powered on, and the cluster was whole. */
  readonly readBackMs: number;
  readonly poweredOnMs: number;
  readonly wholeMs: number;
  readonly now: Date;
}

/** The path of the new file, in the state directory. */
export function saveLossRecording(input: LossRecording): string {
  const { lab, variant, victim, cut, now } = input;
  const events = eventsOf(input).toSorted((a, b) => timeOf(a) - timeOf(b));
  const startMs = events.reduce((least, event) => Math.min(least, event.kind === 'probe' ? event.startedMs : event.atMs), input.wholeMs);
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const file = join(stateDirectory(), 'recordings', `${variantSlug(variant)}-${victim}-${time}.ndjson`);
  const recorder = drillRecorder(file, {
    trivet: input.trivet,
    cluster: lab.name,
    scheme: schemeOf(variant),
    ...(variant.profile !== undefined && { profile: variant.profile }),
    drill: 'machine-power-off',
    fault: `power-off of ${victim}`,
    machines: lab.machines.map(({ name, address, role }) => ({ name, address, roles: [role] })),
    probes: [...planned(input.outside, 'outside'), ...planned(input.worker, 'worker')],
    startedAt: new Date(now.getTime() - (input.wholeMs - startMs)).toISOString(),
    budgets: {},
  });
  for (const event of events) recorder.record(sinceStart(event, startMs));
  recorder.end({ atMs: input.wholeMs - startMs, complete: true });
  return packRecording(file);

  function eventsOf({ readBack, readBackMs, poweredOnMs, wholeMs }: LossRecording): readonly RecordedEvent[] {
    return [
      ...cut.outside,
      ...cut.worker,
      { kind: 'fault', atMs: cut.times.faultMs, fault: 'power-off', host: victim, state: 'injected' },
      { kind: 'read-back', atMs: readBackMs, from: 'outside', writes: [...readBack] },
      { kind: 'fault', atMs: poweredOnMs, fault: 'power-off', host: victim, state: 'healed' },
      { kind: 'health', atMs: wholeMs, healthy: true, problems: [] },
    ];
  }
}

function planned(kinds: readonly ProbeKind[], from: string) {
  return kinds.map((probe) => ({ probe, from }));
}

/** As the schemes call their variants. */
function schemeOf({ scheme, proxy, backend }: Variant): string {
  if (scheme === 'external') return scheme;
  const usual = { 'vip-on-masters': 'none', 'external-pair': 'haproxy', 'local-proxy': 'haproxy', 'local-care': 'nft' }[scheme];
  return `${scheme}/${proxy ?? backend ?? usual}`;
}
