/** What a drill would do, to whom, why, for how long, and what ends it when nobody is there: shown before the question. */

import { type DrillPlan, servedWithinSeconds, undoWords } from '../drill/run/plan-drill.ts';

/** With a line end. */
export function drillPlanText(plan: DrillPlan): string {
  const { drill, victims, because, quorum } = plan;
  const lines = [
    [
      'on',
      victimsText(
        victims.map(({ name }) => name),
        because,
      ),
    ],
    ['for', holdWords(plan)],
    ['undone', undoWords(plan)],
    ...(quorum === undefined ? [] : [['quorum', quorum]]),
  ];
  return `${drill.name}: ${drill.summary}\n${lines.map(([name = '', text = '']) => `  ${name.padEnd(7)} ${text}\n`).join('')}`;
}

/** `m1, because it holds the VIP`. */
export function victimsText(names: readonly string[], because: string): string {
  return names.length === 0 ? because : `${names.join(' and ')}, because ${names.length === 1 ? 'it' : 'they'} ${because}`;
}

function holdWords({ drill, holdSeconds }: DrillPlan): string {
  if (drill.act.kind === 'exercise') return 'as long as the exercise takes, usually a minute';
  if (holdSeconds === 0) return 'as long as the machine takes to undo it by itself';
  return drill.expects === 'no-writes'
    ? `${holdSeconds} s; no write can be made meanwhile`
    : `${holdSeconds} s, and until clients are served again (${servedWithinSeconds} s more at most)`;
}
