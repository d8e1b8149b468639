import { DAY, SECOND } from '../../../../shared/durations.ts';
import type { EventShape } from '../../../../simulator/events/rules.ts';
import { minuteOf } from '../history.ts';
import { Random } from '../random.ts';

/** Atlas does not document how long it keeps slow queries. In days. */
const RETENTIONS = [1.5, 3, 7, Number.POSITIVE_INFINITY];

/** The slow queries of a history. */
export interface SlowQueries {
  /** How long Atlas keeps them, in ms. */
  retention: number;
  order: 'oldest-first' | 'newest-first';
  /** By node, numbered across the organisation. */
  shapes: readonly EventShape[];
  /** The settings of each configuration. Times are in minutes. */
  settings: readonly SlowQuerySettings[];
}

interface SlowQuerySettings {
  enabled: boolean;
  settle: number;
  backfill: number;
  overlap: number;
  redact: boolean;
}

/** The maximum number of nodes of a history. */
const NODES = 4;

/** Returns the slow queries of a history. Only the seed decides, so the rest of a history stays the same. */
export function slowQueriesOf(seed: number): SlowQueries {
  const random = new Random(seed ^ 0x510e);
  const redact = random.chance(0.8);
  return {
    retention: random.pick(RETENTIONS) * DAY,
    order: random.pick(['oldest-first', 'newest-first']),
    shapes: Array.from({ length: NODES }, () => shape(random)),
    settings: Array.from({ length: 3 }, () => ({
      enabled: random.chance(0.92),
      settle: random.chance(0.7) ? 10 : random.below(40),
      backfill: random.chance(0.8) ? random.below(240) : random.below(5 * 24 * 60),
      overlap: random.chance(0.7) ? 20 : random.below(60),
      redact,
    })),
  };
}

/** Mostly some minutes with queries that share milliseconds; seldom a flood of more than a response has. */
function shape(random: Random): EventShape {
  const some = Array.from({ length: random.below(4) }, () => ({
    start: random.below(640) - 240,
    seconds: 1 + random.below(200),
    perSecond: 1 + random.below(9),
  }));
  const flood = {
    start: 20 * (1 + random.below(8)) - 11 - random.below(3),
    seconds: random.pick([1, 4]),
    perSecond: random.pick([6_000, 20_600]),
  };
  return {
    perHour: random.pick([0, 2, 20]),
    bursts: [...some, ...(random.chance(0.02) ? [flood] : [])].map(({ start, seconds, perSecond }) => ({
      from: minuteOf(start),
      to: minuteOf(start) + seconds * SECOND,
      perSecond,
    })),
    lateShare: random.pick([0, 0.1, 0.5]),
    lateByMs: random.below(40 * 60) * SECOND,
  };
}
