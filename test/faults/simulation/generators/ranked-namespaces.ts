import fc from 'fast-check';
import { HOUR, MINUTE } from '../../../../shared/durations.ts';
import type { LateRankedNamespaces } from '../../../../simulator/organisation/late-ranked-namespaces.ts';
import type { Collection } from '../../../../simulator/organisation/types.ts';
import { minuteOf } from '../history.ts';

/** Generates ranked collections, and hours whose ranking appears late or never. */

const NAMES = ['carts', 'with.dots', 'ünïcode/€'];

const life = fc.oneof(
  { weight: 8, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.nat(600).map((minutes) => ({ listedUntil: minuteOf(minutes) })) },
  { weight: 1, arbitrary: fc.nat(600).map((minutes) => ({ listedFrom: minuteOf(minutes) })) },
);

export const collections: fc.Arbitrary<Collection[]> = fc
  .array(life, { maxLength: NAMES.length })
  .map((lives) => lives.map((its, index) => ({ name: NAMES[index] ?? '', ...its })));

const lateHours: fc.Arbitrary<LateRankedNamespaces> = fc
  .record({
    from: fc.integer({ min: -10, max: 12 }),
    length: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 60 })),
    share: fc.constantFrom(1, 0.5),
    late: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 6 * 60 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  })
  .map(({ from, length, share, late }) => ({
    from: minuteOf(0) + from * HOUR,
    to: minuteOf(0) + (from + length) * HOUR,
    share,
    lateByMs: late === null ? null : late * MINUTE,
  }));

/**
 * Returns how long Atlas can rank an hour in a history, in ms. Half of the histories have no limit, because none is
 * documented. The others exceed the two days that the collector relies on, because clocks may be a minute off.
 */
export function rankedNamespacesRetentionOf(seed: number): number {
  return seed % 2 === 0 ? Infinity : (49 + (seed % 72)) * HOUR;
}

export const lateRankedNamespaces: fc.Arbitrary<LateRankedNamespaces[]> = fc.array(lateHours, {
  maxLength: 3,
});
