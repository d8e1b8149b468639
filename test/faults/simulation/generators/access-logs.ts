import fc from 'fast-check';
import { SECOND } from '../../../../shared/durations.ts';
import type { AccessLogShape, Burst } from '../../../../simulator/access-logs/rules.ts';
import { minuteOf } from '../history.ts';

/** Generates access logs: mostly some minutes with an entry in each second, and none in between. */

/** The maximum number of entries of one answer. */
const MOST_ENTRIES = 20_000;

function burst(
  length: fc.Arbitrary<number>,
  perSecond: fc.Arbitrary<number>,
  start: fc.Arbitrary<number>,
): fc.Arbitrary<Burst> {
  return fc.record({ start, length, perSecond }).map(({ start, length: seconds, perSecond: many }) => ({
    from: minuteOf(start),
    to: minuteOf(start) + seconds * SECOND,
    perSecond: many,
  }));
}

/** Minutes around the first ticks, or on any day of a long outage. */
const near = fc.integer({ min: -240, max: 400 });
const far = fc.integer({ min: -10_000, max: 20_000 });

/** Mostly in the last minutes that a run reads with the default settle time. The next run reads these again. */
const floodStart = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({ tick: fc.integer({ min: 1, max: 8 }), before: fc.nat(2) })
      .map(({ tick, before }) => 20 * tick - 11 - before),
  },
  { weight: 1, arbitrary: near },
);

const some = fc.oneof(
  { weight: 4, arbitrary: burst(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 2 }), near) },
  { weight: 1, arbitrary: burst(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 2 }), far) },
);

/** The least number of entries in a second of a flood. */
export const FLOOD_PER_SECOND = 4_500;

/** A flood takes a second or more to generate and read, so few histories have one. */
const flood = fc.oneof(
  // More entries than an answer holds, but not within one second.
  burst(fc.constant(5), fc.integer({ min: FLOOD_PER_SECOND, max: 6_000 }), floodStart),
  // About as many entries in one second as an answer holds. One in fifty repeats the entry before.
  burst(
    fc.constant(1),
    fc.constantFrom(MOST_ENTRIES - 1, MOST_ENTRIES, MOST_ENTRIES + 1, 20_600),
    floodStart,
  ),
);

export const accessLogs: fc.Arbitrary<AccessLogShape> = fc
  .record({
    perHour: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) },
    ),
    some: fc.array(some, { maxLength: 4, size: 'max' }),
    floods: fc.oneof(
      { weight: 30, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: flood.map((one) => [one]) },
    ),
    lateShare: fc.constantFrom(0, 0.1, 0.5),
    lateByMs: fc.integer({ min: 0, max: 14 * 60 }).map((seconds) => seconds * SECOND),
    lines: fc.constantFrom('json' as const, 'json' as const, 'text' as const),
  })
  .map(({ some: usual, floods, ...rest }) => ({ ...rest, bursts: [...floods, ...usual] }));
