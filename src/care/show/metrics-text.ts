/** CareStatus as Prometheus reads it (text format 0.0.4). docs/reference/care-metrics.md is made from the same table. */

import type { BackendState } from '../health/backend-health.ts';
import type { LookResult } from '../health/look.ts';
import type { BackendStatus, CareStatus } from '../status.ts';

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly help: string;
  readonly samples: (status: CareStatus) => readonly Sample[];
}

export interface Sample {
  readonly suffix?: '_sum' | '_count';
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const states: readonly BackendState[] = ['UP', 'SUSPECT', 'DRAIN', 'DOWN'];
const results: readonly LookResult[] = ['ok', 'draining', 'missed', 'refused', 'closed', 'unreachable', 'untrusted'];

/** A sample for each backend. */
const perBackend =
  (value: (backend: BackendStatus) => number | null) =>
  ({ backends }: CareStatus): readonly Sample[] =>
    backends.flatMap((backend) => {
      const number = value(backend);
      return number === null ? [] : [{ labels: { backend: backend.address }, value: number }];
    });

const seconds = (time: string): number => Date.parse(time) / 1000;
const membersOf = ({ discovery }: CareStatus) => (discovery.kind === 'following' ? discovery.members.length : 0);

/** All of them, in the order in which they are written. */
export const metrics: readonly Metric[] = [
  {
    name: 'trivet_care_build_info',
    type: 'gauge',
    help: 'Always 1; what runs, for which virtual server, and how it forwards.',
    samples: ({ version, service, dataplane }) => [{ labels: { version, service, dataplane: dataplane.kind }, value: 1 }],
  },
  {
    name: 'trivet_care_start_time_seconds',
    type: 'gauge',
    help: 'When the daemon began, in seconds since 1970.',
    samples: ({ since }) => [{ value: seconds(since) }],
  },
  {
    name: 'trivet_care_serving',
    type: 'gauge',
    help: '1 while new connections go to at least one backend, 0 while they are refused or nothing is decided yet.',
    samples: ({ table }) => [{ value: table === 'serve' ? 1 : 0 }],
  },
  {
    name: 'trivet_care_backend_up',
    type: 'gauge',
    help: '1 while the backend is UP.',
    samples: perBackend(({ state }) => (state === 'UP' ? 1 : 0)),
  },
  {
    name: 'trivet_care_backend_state',
    type: 'gauge',
    help: '1 for the state in which the backend is, 0 for the others.',
    samples: ({ backends }) =>
      backends.flatMap(({ address, state }) =>
        states.map((one) => ({ labels: { backend: address, state: one.toLowerCase() }, value: one === state ? 1 : 0 })),
      ),
  },
  {
    name: 'trivet_care_backend_state_since_seconds',
    type: 'gauge',
    help: 'Since when the backend has been in its state, in seconds since 1970.',
    samples: perBackend(({ since }) => seconds(since)),
  },
  {
    name: 'trivet_care_backend_info',
    type: 'gauge',
    help: 'Always 1; where the backend is known from, and whether it is on this machine.',
    samples: ({ backends }) =>
      backends.map(({ address, source, local }) => ({ labels: { backend: address, source, local: String(local) }, value: 1 })),
  },
  {
    name: 'trivet_care_backend_weight',
    type: 'gauge',
    help: 'Weight in the table: 0 keeps connections and gets no new ones; no sample: not in the table.',
    samples: perBackend(({ weight }) => weight),
  },
  {
    name: 'trivet_care_backend_connections',
    type: 'gauge',
    help: 'Open connections through the virtual server.',
    samples: perBackend(({ connections }) => connections),
  },
  {
    name: 'trivet_care_backend_transitions_total',
    type: 'counter',
    help: 'Changes of state since the daemon began.',
    samples: perBackend(({ transitions }) => transitions),
  },
  {
    name: 'trivet_care_looks_total',
    type: 'counter',
    help: 'Looks at the backend by their result.',
    samples: ({ backends }) =>
      backends.flatMap(({ address, looks }) =>
        results.map((result) => ({ labels: { backend: address, result }, value: looks[result] ?? 0 })),
      ),
  },
  {
    name: 'trivet_care_look_seconds',
    type: 'summary',
    help: 'How long the backend took to answer, of looks that were answered well.',
    samples: ({ backends }) =>
      backends.flatMap(({ address, answers }) => [
        { suffix: '_sum', labels: { backend: address }, value: answers.seconds },
        { suffix: '_count', labels: { backend: address }, value: answers.count },
      ]),
  },
  {
    name: 'trivet_care_table_apply_total',
    type: 'counter',
    help: 'Tables that were given to the data plane.',
    samples: ({ applies }) => [{ value: applies.done }],
  },
  {
    name: 'trivet_care_table_apply_failed_total',
    type: 'counter',
    help: 'Tables that the data plane did not take.',
    samples: ({ applies }) => [{ value: applies.failed }],
  },
  {
    name: 'trivet_care_table_in_sync',
    type: 'gauge',
    help: '1 while the data plane has the table that was decided last.',
    samples: ({ applies }) => [{ value: applies.trouble === null ? 1 : 0 }],
  },
  {
    name: 'trivet_care_discovery_following',
    type: 'gauge',
    help: '1 while a master tells who the masters are; no sample: discovery was not asked for.',
    samples: ({ discovery }) => (discovery.kind === 'off' ? [] : [{ value: discovery.kind === 'following' ? 1 : 0 }]),
  },
  {
    name: 'trivet_care_discovery_members',
    type: 'gauge',
    help: 'Members that discovery lists and that proved themselves; 0 while nobody tells.',
    samples: (status) => (status.discovery.kind === 'off' ? [] : [{ value: membersOf(status) }]),
  },
  {
    name: 'trivet_care_discovery_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When a list, an event or a bookmark last came, in seconds since 1970; no sample: never.',
    samples: ({ discovery }) =>
      discovery.kind === 'off' || discovery.lastSuccess === null ? [] : [{ value: seconds(discovery.lastSuccess) }],
  },
  {
    name: 'trivet_care_own_stall_seconds_total',
    type: 'counter',
    help: 'By how much the daemon itself was late, of stalls for which looks were discarded.',
    samples: ({ ownStallSeconds }) => [{ value: ownStallSeconds }],
  },
];

/** The whole page; a metric without a sample is left out. */
export function metricsText(status: CareStatus): string {
  return metrics
    .map(({ name, type, help, samples }) => {
      const lines = samples(status).map(({ suffix, labels, value }) => `${name}${suffix ?? ''}${labelText(labels)} ${numberText(value)}\n`);
      return lines.length === 0 ? '' : `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

function labelText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
