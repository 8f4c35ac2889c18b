/** What each scheme survives, measured: the table of README, made from recordings of drills. Pure. */

import type { SchemeDescription } from '../../src/cli/describe-schemes.ts';
import type { Fault } from '../../src/model/scheme.ts';
import { type DrillResult, longestNewConnectionsMs, outcomeOf } from './drill-result.ts';
import { markdownTable } from './figures.ts';
import type { MatrixResult } from './matrix-result.ts';

export interface Evidence {
  readonly schemes: readonly SchemeDescription[];
  readonly drills: readonly { readonly name: string; readonly refutes?: Fault }[];
  readonly results: readonly DrillResult[];
  readonly matrix: readonly MatrixResult[];
}

export interface Words {
  readonly scheme: string;
  readonly faults: Readonly<Record<Fault, string>>;
  readonly notMeasured: string;
  readonly no: string;
  readonly yours: string;
  readonly refuted: string;
  readonly overBudget: string;
  /** Below the table. */
  readonly legend: string;
}

/** A row for each scheme; a cell is the longest gap of new connections in the drill that tries to refute the claim. */
export function survivedTable(evidence: Evidence, words: Words): string {
  const faults = evidence.schemes[0]?.outcomes.map(({ fault }) => fault) ?? [];
  const rows = evidence.schemes.map(({ variant, outcomes }) => [
    `\`${variant}\``,
    ...outcomes.map(({ fault, outcome }) => {
      if (outcome === 'not-there') return '–';
      if (outcome === 'not-survived') return words.no;
      return measured(variant, fault, evidence, words) ?? (outcome === 'unknown' ? words.yours : words.notMeasured);
    }),
  ]);
  return `${markdownTable([words.scheme, ...faults.map((fault) => words.faults[fault])], rows)}\n\n${words.legend}`;
}

function measured(variant: string, fault: Fault, { drills, results, matrix }: Evidence, words: Words): string | undefined {
  const tries = drills.filter(({ refutes }) => refutes === fault).map(({ name }) => name);
  const own = results.filter(({ recording: { header } }) => header.scheme === variant && tries.includes(header.drill));
  const worst = own.toSorted((a, b) => severity(b) - severity(a))[0];
  if (worst !== undefined && outcomeOf(worst) !== 'inconclusive') {
    const gapMs = longestNewConnectionsMs(worst);
    const time = gapMs === undefined ? 'ok' : `${(gapMs / 1000).toFixed(2)} s`;
    const outcome = outcomeOf(worst);
    return outcome === 'survived' ? time : `**${outcome === 'refuted' ? words.refuted : words.overBudget}: ${time}**`;
  }
  const gapMs = ofMatrix(variant, fault, matrix);
  return gapMs === undefined ? undefined : `${(gapMs / 1000).toFixed(2)} s ᵐ`;
}

const severities = { inconclusive: 0, survived: 1, 'over budget': 2, refuted: 3 };

function severity(result: DrillResult): number {
  return severities[outcomeOf(result)];
}

/** A power-off of the matrix, on the plainest case of the scheme: no write lost, and healed. */
function ofMatrix(variant: string, fault: Fault, matrix: readonly MatrixResult[]): number | undefined {
  if (fault !== 'machine-power-off' && fault !== 'balancer-power-off') return undefined;
  const pair = variant.startsWith('external-pair/');
  // Another's balancer loses no power in the matrix.
  if (fault === 'balancer-power-off' && !pair) return undefined;
  const own = matrix.filter((result) => variantOf(result) === variant && result.failed === undefined);
  const [plainest] = own.toSorted((a, b) => a.case.length - b.case.length);
  const wanted = pair && fault === 'machine-power-off' ? ['master'] : ['holder', 'master'];
  const losses = (plainest?.losses ?? []).filter(({ loss }) =>
    fault === 'balancer-power-off' ? loss === 'holder' : wanted.includes(loss),
  );
  if (losses.some(({ lost }) => lost.length > 0)) return undefined;
  const gaps = losses.flatMap(({ outside, worker }) => [outside, worker].map(({ gaps: of }) => of['new connections']?.gapMs ?? 0));
  return gaps.length === 0 ? undefined : Math.max(...gaps);
}

function variantOf(result: MatrixResult): string {
  return result.case.split(',')[0] ?? '';
}

/** Claims of schemes that a recording refutes, as `vip-on-masters/none does not survive machine-power-off: reason`. */
export function refutedClaims({ schemes, drills, results }: Evidence): readonly string[] {
  return results.flatMap((result) => {
    const { header, verdict } = result.recording;
    const claim = drills.find(({ name }) => name === header.drill)?.refutes;
    const claimed = schemes
      .find(({ variant }) => variant === header.scheme)
      ?.outcomes.some(({ fault, outcome }) => fault === claim && outcome === 'survived');
    if (claimed !== true || outcomeOf(result) !== 'refuted') return [];
    return [`${header.scheme} does not survive ${claim}: ${verdict.reasons[0]?.text ?? ''}`];
  });
}

export const english: Words = {
  scheme: 'scheme',
  faults: {
    'machine-power-off': 'master power off',
    'machine-isolated': 'master cut off',
    'apiserver-killed': 'apiserver dies',
    'apiserver-frozen': 'apiserver frozen',
    'kubelet-killed': 'kubelet dies',
    'balancer-killed': 'balancer dies',
    'balancer-power-off': 'balancer power off',
  },
  notMeasured: 'not yet measured',
  no: 'no',
  yours: 'yours to say',
  refuted: 'refuted',
  overBudget: 'over budget',
  legend:
    'The longest time without a new connection anywhere, by drills (`trivet drill`), each of which also read every acknowledged write back: [docs/drill-results.md](docs/drill-results.md). "no": not claimed. "–": there is nothing that this could happen to. ᵐ: from [docs/matrix.md](docs/matrix.md). Made by `npm run drills:docs`.',
};

export const chinese: Words = {
  scheme: '方案',
  faults: {
    'machine-power-off': 'master 断电',
    'machine-isolated': 'master 断网',
    'apiserver-killed': 'apiserver 被杀',
    'apiserver-frozen': 'apiserver 冻结',
    'kubelet-killed': 'kubelet 被杀',
    'balancer-killed': '负载均衡进程被杀',
    'balancer-power-off': '负载均衡机断电',
  },
  notMeasured: '尚未测量',
  no: '否',
  yours: '由您决定',
  refuted: '未扛住',
  overBudget: '超出预算',
  legend:
    '单元格为演练(`trivet drill`)中任何一处新连接的最长中断时间;每次演练之后都会读回所有已确认的写入,详见 [docs/drill-results.md](docs/drill-results.md)。“否”:不作此承诺;“–”:没有可以发生此故障的对象;ᵐ:来自 [docs/matrix.md](docs/matrix.md)。由 `npm run drills:docs` 生成。',
};
