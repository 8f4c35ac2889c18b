import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressText } from './address.ts';
import { cutOf, decideTable, type PoolMember } from './decide.ts';
import type { BackendHealth } from './health/backend-health.ts';
import { newHealth } from './health/observe.ts';

const base = { ...newHealth(0), unheard: false } satisfies BackendHealth;
const up: BackendHealth = { ...base, state: 'UP', asked: 'ok' };
const silent: BackendHealth = { ...base, state: 'SUSPECT', asked: 'ok', trouble: 'hard', misses: 1 };
const hung: BackendHealth = { ...base, state: 'SUSPECT', asked: 'unanswered', trouble: 'soft' };
const held: BackendHealth = { ...base, state: 'SUSPECT', asked: 'ok', mustRise: true, heldUntilMs: 5000 };
const untrusted: BackendHealth = { ...base, state: 'SUSPECT', asked: 'untrusted', trouble: 'untrusted' };
const drain: BackendHealth = { ...base, state: 'DRAIN', asked: 'draining', trouble: 'soft', mustRise: true };
const down: BackendHealth = { ...base, state: 'DOWN', asked: 'unanswered', trouble: 'hard', misses: 4, mustRise: true };
/** DOWN, though its kernel accepts connections. */
const frozen: BackendHealth = { ...down, trouble: 'soft', accepts: true };
const unheard = newHealth(0);

function pool(healths: readonly BackendHealth[], localIndex?: number): readonly PoolMember[] {
  return healths.map((health, index) => ({
    address: { ip: `10.0.0.${index + 1}`, family: 4, port: 6443 },
    health,
    local: index === localIndex,
  }));
}
function weights(healths: readonly BackendHealth[], localIndex?: number, preferLocal = true): string {
  const table = decideTable(pool(healths, localIndex), { preferLocal });
  return `${table.kind} ${table.targets.map(({ address, weight }) => `${address.ip.slice(7)}:${weight}`).join(' ')}`.trim();
}

describe('decideTable', () => {
  it.each([
    ['all UP', [up, up, up], undefined, 'serve 1:1 2:1 3:1'],
    ['SUSPECT and DRAIN keep what they have, DOWN is gone', [up, silent, drain, down], undefined, 'serve 1:1 2:0 3:0'],
    ['the own one alone while it is UP', [up, up, silent], 1, 'serve 1:0 2:1 3:0'],
    ['all others while the own one is not UP', [up, silent, up], 1, 'serve 1:1 2:0 3:1'],
    ['every one silent: this node’s own network, perhaps', [silent, silent, silent], undefined, 'serve 1:1 2:1 3:1'],
    ['nobody UP: held before silent', [held, silent, down], undefined, 'serve 1:1 2:0'],
    ['nobody UP: silent and hung before DRAIN', [silent, drain, hung], undefined, 'serve 1:1 2:0 3:1'],
    ['nobody UP: DRAIN before unheard', [drain, unheard], undefined, 'serve 1:1 2:0'],
    ['all not ready', [drain, drain, down], undefined, 'serve 1:1 2:1'],
    ['nobody heard yet', [unheard, unheard], undefined, 'serve 1:1 2:1'],
    ['an untrusted one only when nobody else is left', [untrusted, unheard], undefined, 'serve 1:0 2:1'],
    ['all untrusted', [untrusted, untrusted, down], undefined, 'serve 1:1 2:1'],
    ['all DOWN', [down, down], undefined, 'reject'],
    ['all DOWN, some of them frozen only: better than a refusal', [down, frozen, frozen], undefined, 'serve 2:1 3:1'],
    ['a frozen one while somebody else is left', [frozen, silent], undefined, 'serve 2:1'],
    ['no members', [], undefined, 'reject'],
  ] as const)('%s', (_, healths, localIndex, expected) => {
    expect(weights(healths, localIndex)).toBe(expected);
  });

  it('spreads over all UP ones where the own one is not preferred', () => {
    expect(weights([up, up], 0, false)).toBe('serve 1:1 2:1');
  });

  const notFrozen = fc.constantFrom(up, silent, hung, held, untrusted, drain, down, unheard);
  const anyHealth = fc.constantFrom(up, silent, hung, held, untrusted, drain, down, frozen, unheard);

  it('for any pool: never serves nobody, rejects only when all are DOWN and none is merely frozen, and names each one that is not DOWN once', () => {
    fc.assert(
      fc.property(fc.array(anyHealth, { maxLength: 12 }), fc.nat(12), fc.boolean(), (healths, localIndex, preferLocal) => {
        const members = pool(healths, localIndex);
        const table = decideTable(members, { preferLocal });
        const notDown = members.filter(({ health }) => health.state !== 'DOWN');
        const alive = notDown.length > 0 ? notDown : members.filter(({ health }) => health.accepts);
        expect(table.kind).toBe(alive.length === 0 ? 'reject' : 'serve');
        expect(table.targets.map(({ address }) => address)).toEqual(alive.map(({ address }) => address));
        if (table.kind === 'serve') expect(table.targets.some(({ weight }) => weight > 0)).toBe(true);
        const served = table.targets.filter(({ weight }) => weight > 0).map(({ address }) => address);
        const servedStates = alive.filter(({ address }) => served.includes(address)).map(({ health }) => health.state);
        if (healths.includes(up)) expect(new Set(servedStates)).toEqual(new Set(['UP']));
        expect(decideTable(members, { preferLocal })).toEqual(table);
      }),
    );
  });

  it('cutOf: never those that the table keeps, never one twice', () => {
    const keeps = (members: readonly PoolMember[]) => decideTable(members, { preferLocal: true }).targets.map(({ address }) => address);
    expect(cutOf(pool([up, up]), pool([frozen, up]))).toEqual([{ ip: '10.0.0.1', family: 4, port: 6443 }]);
    expect(cutOf(pool([up, up]), pool([frozen, frozen]))).toEqual([]);
    expect(cutOf(pool([frozen, frozen]), pool([frozen, up]))).toEqual([{ ip: '10.0.0.1', family: 4, port: 6443 }]);
    expect(cutOf(pool([down, frozen]), pool([down, down]))).toEqual([{ ip: '10.0.0.2', family: 4, port: 6443 }]);
    const some = fc.array(anyHealth, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(some, some, (was, is) => {
        const [before, after] = [pool(was), pool(is)];
        const cut = cutOf(before, after);
        for (const address of cut)
          expect([...keeps(after), address]).toHaveLength(new Set([...keeps(after), address].map(addressText)).size);
        expect(cutOf(after, after)).toEqual([]);
      }),
    );
  });

  it('cutOf: exactly those that became DOWN or left, never a SUSPECT or DRAIN member', () => {
    const some = fc.array(fc.option(notFrozen, { nil: undefined }), { minLength: 8, maxLength: 8 });
    const from = (healths: readonly (BackendHealth | undefined)[]): readonly PoolMember[] =>
      pool(healths.map((health) => health ?? down)).filter((_, index) => healths[index] !== undefined);
    fc.assert(
      fc.property(some, some, (was, is) => {
        const cut = new Set(cutOf(from(was), from(is)).map(addressText));
        for (let index = 0; index < 8; index += 1) {
          const [before, after] = [was[index]?.state, is[index]?.state];
          const expected = after === undefined ? before !== undefined : after === 'DOWN' && before !== 'DOWN';
          expect(cut.has(`10.0.0.${index + 1}:6443`)).toBe(expected);
        }
      }),
    );
  });
});
