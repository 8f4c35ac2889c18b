/** The budgets of detection, in simulated time: what the defaults were tuned by. */

import { describe, expect, it, vi } from 'vitest';
import { defaultPace as pace, defaultHealth as policy } from '../../../src/care/settings.ts';
import type { Episode } from './simulated-line.ts';
import { type PoolInput, type PoolRecord, seededRandom, simulatePool } from './simulated-pool.ts';

/** More of them by hand: TRIVET_SEEDS=50. */
const seeds = Array.from({ length: Number(process.env.TRIVET_SEEDS ?? 1) }, (_, index) => index + 1);
vi.setConfig({ testTimeout: 600_000 });

type Scene = Partial<Omit<PoolInput, 'pace' | 'policy'>>;

function simulate(scene: Scene): PoolRecord {
  return simulatePool({ pace, policy, seed: 1, lengthMs: 20_000, backends: [[], [], []], ...scene });
}

/** One of `count` backends has this fault at a moment of no particular step, `trials` times: the longest time to DOWN, in milliseconds. */
function slowestDown(
  kind: 'killed' | 'frozen' | 'black-hole',
  { count = 3, trials = 40, ...scene }: Scene & { count?: number; trials?: number } = {},
): number {
  const delays = Array.from({ length: trials }, (_, trial) => {
    const fromMs = 3000 + 1000 * seededRandom(trial * 7919)();
    const backends = Array.from({ length: count }, (__, index): readonly Episode[] => (index === 0 ? [{ fromMs, kind }] : []));
    const { transitions } = simulate({ ...scene, backends, seed: trial + 1, lengthMs: fromMs + 2500 });
    const down = transitions.find(({ backend, to, atMs }) => backend === 0 && to === 'DOWN' && atMs >= fromMs);
    expect(transitions.filter(({ backend, to }) => backend !== 0 && to === 'DOWN')).toEqual([]);
    return (down?.atMs ?? Number.POSITIVE_INFINITY) - fromMs;
  });
  return Math.max(...delays);
}

/** 300 ms of standstill every 2 to 4 s. */
function stalls(lengthMs: number, seed: number): readonly (readonly [number, number])[] {
  const random = seededRandom(seed);
  const found: [number, number][] = [];
  for (let at = 3000; at < lengthMs; at += 2000 + 2000 * random()) found.push([at, at + 300]);
  return found;
}

describe('detection in a simulated pool', () => {
  it('a session held: killed within 20 ms, black-holed within 600 ms, frozen within 1.4 s', () => {
    expect(slowestDown('killed')).toBeLessThanOrEqual(20);
    expect(slowestDown('black-hole')).toBeLessThanOrEqual(600);
    expect(slowestDown('frozen')).toBeLessThanOrEqual(1400);
  });

  it('the same at 1 % loss', () => {
    expect(slowestDown('killed', { loss: 0.01 })).toBeLessThanOrEqual(250);
    expect(slowestDown('black-hole', { loss: 0.01 })).toBeLessThanOrEqual(700);
    expect(slowestDown('frozen', { loss: 0.01 })).toBeLessThanOrEqual(1500);
  });

  it('no session, each question on a new connection: killed within 250 ms, black-holed within 600 ms, frozen within 1.5 s', () => {
    expect(slowestDown('killed', { session: false })).toBeLessThanOrEqual(250);
    expect(slowestDown('black-hole', { session: false })).toBeLessThanOrEqual(600);
    expect(slowestDown('frozen', { session: false })).toBeLessThanOrEqual(1500);
  });

  it('200 backends: killed within 20 ms, black-holed within 1 s, frozen within 1.8 s', () => {
    expect(slowestDown('killed', { count: 200, trials: 2 })).toBeLessThanOrEqual(20);
    expect(slowestDown('black-hole', { count: 200, trials: 2 })).toBeLessThanOrEqual(1000);
    expect(slowestDown('frozen', { count: 200, trials: 2 })).toBeLessThanOrEqual(1800);
  });

  it.each([true, false])(
    'no false DOWN in 10 minutes at 1 percent loss with standstills of 300 ms (session: %s), and always somebody to serve',
    (session) => {
      for (const seed of seeds) {
        const { transitions, tables } = simulate({ seed, session, lengthMs: 600_000, loss: 0.01, stalls: stalls(600_000, seed) });
        expect(transitions.filter(({ to }) => to === 'DOWN')).toEqual([]);
        expect(tables.every(({ table }) => table.kind === 'serve')).toBe(true);
        // Each loss costs a backend its new connections for a moment: less than 1 % of the time.
        expect(transitions.filter(({ from, to }) => from === 'UP' && to === 'SUSPECT').length).toBeLessThan(600);
      }
    },
  );

  it('no false DOWN of any of 200 backends in a minute of that', () => {
    const backends = Array.from({ length: 200 }, () => []);
    const { transitions, looks } = simulate({ backends, lengthMs: 60_000, loss: 0.01, stalls: stalls(60_000, 1) });
    expect(transitions.filter(({ to }) => to === 'DOWN')).toEqual([]);
    expect(looks / 60).toBeLessThan(600);
  });

  it.each([
    ['100 ms', true, 100],
    ['400 ms', true, 400],
    ['100 ms', false, 100],
    ['400 ms', false, 400],
  ])('answers after %s (session: %s) are no fault', (_, session, byMs) => {
    const { transitions } = simulate({ session, backends: [[{ fromMs: 0, kind: 'slow', byMs }], [], []], lengthMs: 60_000 });
    expect(transitions.filter(({ backend }) => backend === 0).map(({ to }) => to)).toEqual(['UP']);
  });

  it('500 is DRAIN within 1.2 s and never DOWN; it is UP within 1 s after the last one', () => {
    const backends: Episode[][] = [
      [
        { fromMs: 5000, kind: 'answers', result: 'draining' },
        { fromMs: 15_000, kind: 'well' },
      ],
      [],
      [],
    ];
    const states = simulate({ backends }).transitions.filter(({ backend }) => backend === 0);
    expect(states.map(({ to }) => to)).toEqual(['UP', 'DRAIN', 'UP']);
    expect(states[1]?.atMs).toBeLessThan(6200);
    expect(states[2]?.atMs).toBeLessThan(16_000);
  });

  it('questions that hang while PINGs are answered: SUSPECT, nothing is cut, and UP within 1.2 s after', () => {
    const backends: Episode[][] = [
      [
        { fromMs: 5000, kind: 'answers', result: undefined },
        { fromMs: 15_000, kind: 'well' },
      ],
      [],
      [],
    ];
    const states = simulate({ backends }).transitions.filter(({ backend }) => backend === 0);
    expect(states.map(({ to }) => to)).toEqual(['UP', 'SUSPECT', 'UP']);
    expect(states[2]?.atMs).toBeLessThan(16_200);
  });

  it.each([
    ['killed', 500],
    ['black-hole', 700],
    ['frozen', 500],
  ] as const)('the return of one that was %s is noticed, and it has risen, within %i ms', (kind, withinMs) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const untilMs = 10_000 + 37 * seed;
      const { transitions } = simulate({
        seed,
        backends: [
          [
            { fromMs: 5000, kind },
            { fromMs: untilMs, kind: 'well' },
          ],
          [],
          [],
        ],
      });
      expect((transitions.findLast(({ to }) => to === 'UP')?.atMs ?? Number.POSITIVE_INFINITY) - untilMs).toBeLessThanOrEqual(withinMs);
      expect(transitions.at(-1)?.to).toBe('UP');
    }
  });

  it('the network away for 200 ms: nobody DOWN, and all are served on', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const blip: Episode[] = [
        { fromMs: 5000 + 10 * seed, kind: 'black-hole' },
        { fromMs: 5200 + 10 * seed, kind: 'well' },
      ];
      const { transitions, tables } = simulate({ seed, backends: [blip, blip, blip] });
      expect(transitions.filter(({ to }) => to === 'DOWN')).toEqual([]);
      expect(tables.every(({ table }) => table.kind === 'serve')).toBe(true);
    }
  });

  it('this process stopped for 2 s: nobody is thought worse of, and who was killed meanwhile is noticed at once', () => {
    const stopped = [[5000, 7000]] as const;
    for (const session of [true, false]) {
      expect(simulate({ session, stalls: stopped }).transitions.map(({ to }) => to)).toEqual(['UP', 'UP', 'UP']);
      const { transitions } = simulate({ session, stalls: stopped, backends: [[{ fromMs: 6000, kind: 'killed' }], [], []] });
      const down = transitions.filter(({ to }) => to === 'DOWN');
      expect(down.map(({ backend }) => backend)).toEqual([0]);
      expect(down[0]?.atMs).toBeLessThan(7250);
    }
  });

  it('all black-holed: reject within 0.7 s, and serve within 0.7 s of their return', () => {
    const hole: Episode[] = [
      { fromMs: 5000, kind: 'black-hole' },
      { fromMs: 10_000, kind: 'well' },
    ];
    const { tables } = simulate({ backends: [hole, hole, hole] });
    const reject = tables.find(({ table }) => table.kind === 'reject');
    const serve = tables.findLast(({ table }, index) => table.kind === 'serve' && tables[index - 1]?.table.kind === 'reject');
    expect(reject?.atMs).toBeLessThan(5700);
    expect(serve?.atMs).toBeLessThan(10_700);
    expect(serve?.atMs).toBeGreaterThan(10_000);
  });

  it('flapping every 2 s: held down longer and longer, and UP again for good after the last hold', () => {
    const episodes = Array.from(
      { length: 30 },
      (_, index): Episode => ({ fromMs: 5000 + 2000 * index, kind: index % 2 === 0 ? 'killed' : 'well' }),
    );
    const { transitions } = simulate({ backends: [episodes, [], []], lengthMs: 200_000 });
    const ups = transitions.filter(({ backend, to, atMs }) => backend === 0 && to === 'UP' && atMs > 5000);
    expect(ups.length).toBeLessThanOrEqual(4);
    expect(ups.at(-1)?.atMs).toBeGreaterThan(65_000);
    expect(transitions.at(-1)).toMatchObject({ backend: 0, to: 'UP' });
  });
});
