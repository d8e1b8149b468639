import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasTurn, TURN } from '../../../functions/alerts/configuration-turns.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { isAlertConfigurationId } from '../../../shared/ids.ts';
import { T } from '../../support/times.ts';

function idOf(number: number) {
  const id = number.toString(16).padStart(24, '0');
  if (!isAlertConfigurationId(id)) throw new Error(`not an id: ${id}`);
  return id;
}

test('a configuration has one turn in every four hours, however the time is divided into runs', () => {
  const anyId = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(idOf);
  const gaps = fc.array(fc.integer({ min: 1, max: 3 * HOUR }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(anyId, gaps, (id, durations) => {
      let from = T;
      let turns = 0;
      for (const duration of durations) {
        if (hasTurn(id, from, from + duration)) turns += 1;
        from += duration;
      }
      const periods = (from - T) / (4 * HOUR);
      expect(turns).toBeGreaterThanOrEqual(Math.floor(periods));
      expect(turns).toBeLessThanOrEqual(Math.ceil(periods));
    }),
  );
});

test('a run after a long pause takes the turn that was due', () => {
  expect(hasTurn(idOf(7), T, T + 10 * TURN)).toBe(true);
  expect(hasTurn(idOf(7), T, T)).toBe(false);
});

test('a clock that is set back takes no turn', () => {
  expect(hasTurn(idOf(7), T, T - TURN)).toBe(false);
});

test('the turns of configurations with consecutive ids are spread over the four hours', () => {
  const perTick = new Map<number, number>();
  for (let number = 0; number < 480; number += 1) {
    for (let tick = 0; tick < TURN / (5 * MINUTE); tick += 1) {
      const from = T + tick * 5 * MINUTE;
      if (hasTurn(idOf(0x8f00 + number), from, from + 5 * MINUTE))
        perTick.set(tick, (perTick.get(tick) ?? 0) + 1);
    }
  }
  expect([...perTick.values()].reduce((sum, count) => sum + count)).toBe(480);
  // Ten each if they were spread perfectly.
  expect(Math.max(...perTick.values())).toBeLessThanOrEqual(14);
  expect(perTick.size).toBe(48);
});
