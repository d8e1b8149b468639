import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { packInstants, unpackInstants } from '../../../shared/measurements/instants.ts';

const START = Date.parse('2026-03-02T12:00:00Z');

test('any instants are unpacked as they were packed', () => {
  const instants = fc
    .uniqueArray(fc.integer({ min: 0, max: 2 ** 43 }), { maxLength: 60 })
    .map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(instants, (all) => {
      expect(unpackInstants(packInstants(all))).toEqual(all);
    }),
  );
});

test('runs with holes and other stamps between them are unpacked as they were packed', () => {
  const steps = fc.array(fc.constantFrom(MINUTE, MINUTE, MINUTE, 5 * MINUTE, MINUTE - 1000, 1), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const instants: number[] = [];
      for (const step of all) instants.push((instants.at(-1) ?? START) + step);
      expect(unpackInstants(packInstants(instants))).toEqual(instants);
    }),
  );
});

test('two days of minutes take a few bytes when regular, and about one byte each when they jitter', () => {
  const regular = Array.from({ length: 2880 }, (_, minute) => START + minute * MINUTE + 32_000);
  expect(packInstants(regular).length).toBeLessThan(12);
  const jitter = regular.map((instant, index) => instant + ((index * 7) % 3) * 1000);
  expect(packInstants(jitter).length).toBeLessThan(2 * 2880);
});
