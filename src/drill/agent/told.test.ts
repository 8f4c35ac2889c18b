import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toldStore } from './told.ts';

it('toldStore: what the operator has not got yet is there by its number', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('push'), fc.nat({ max: 30 })), { maxLength: 200 }), (orders) => {
      const told = toldStore();
      let count = 0;
      let forgotten = 0;
      for (const order of orders) {
        if (order === 'push') told.push(`text ${count++}`);
        else {
          told.forgetBefore(order);
          forgotten = Math.max(forgotten, Math.min(Number(order), count));
        }
      }
      expect(told.count).toBe(count);
      expect(told.from(0)).toEqual(
        Array.from({ length: count - forgotten }, (_, index) => ({ n: forgotten + index, text: `text ${forgotten + index}` })),
      );
    }),
  );
});

it('toldStore: above its bound the oldest go first, and the numbers tell', () => {
  const told = toldStore(100_000);
  for (let number = 0; number < 30_000; number++) told.push(`${number}`.padEnd(10));
  const left = told.from(0);
  expect(left).toHaveLength(10_000);
  expect(left[0]).toEqual({ n: 20_000, text: '20000     ' });
  expect(left.at(-1)?.n).toBe(29_999);
  expect(told.count).toBe(30_000);
});
