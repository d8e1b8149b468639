import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inOrderOfTick } from '../../../functions/dispatch/order.ts';
import { T } from '../../support/times.ts';

const MINUTE = 60_000;
const numbers = (length: number) => Array.from({ length }, (_, index) => index);
const intervals = fc.constantFrom(1, 5, 10, 20, 60, 360, 1_440);

test('a tick is sent to each subject once, and a repeated tick in the same order', () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.nat(1_000_000), intervals, (length, turn, every) => {
      const list = numbers(length);
      const tick = T + turn * every * MINUTE;
      const order = inOrderOfTick(list, tick, every);
      expect(order.toSorted((a, b) => a - b)).toEqual(list);
      expect(inOrderOfTick(list, tick, every)).toEqual(order);
    }),
  );
});

test('neighbours of the list stay neighbours, so that a tick only starts at another place', () => {
  const order = inOrderOfTick(numbers(1_000), T, 20);
  const start = order[0] ?? 0;
  expect(order).toEqual(numbers(1_000).map((index) => (index + start) % 1_000));
});

test('every subject is among the first n of N in any 3 N / n ticks in a row', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 400 }),
      fc.nat(1_000_000),
      intervals,
      (length, capacity, turn, every) => {
        const list = numbers(length);
        const served = new Set<number>();
        for (let index = 0; index < Math.ceil((3 * length) / capacity); index += 1) {
          const order = inOrderOfTick(list, T + (turn + index) * every * MINUTE, every);
          for (const subject of order.slice(0, capacity)) served.add(subject);
        }
        expect(served.size).toBe(length);
      },
    ),
  );
});
