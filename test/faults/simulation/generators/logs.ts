import { SECOND } from '../../../../shared/durations.ts';
import type { LogShape } from '../../../../simulator/logs/rules.ts';
import { minuteOf } from '../history.ts';
import { Random } from '../random.ts';

/** The logs of a history. */
export interface Logs {
  /** Whether Atlas returns the requested lines or whole chunks. */
  units: 'lines' | 'chunks';
  /** By node, numbered across the organisation. */
  shapes: readonly LogShape[];
  /** The settings of each configuration. Times are in minutes. */
  settings: readonly LogSettings[];
}

interface LogSettings {
  enabled: boolean;
  settle: number;
  backfill: number;
  overlap: number;
  /** Undefined for the default. */
  maxBytesPerDay: number | undefined;
}

/** The maximum number of nodes of a history. */
const NODES = 4;

/** Returns the logs of a history. Only the seed decides, so the rest of a history stays the same. */
export function logsOf(seed: number): Logs {
  const random = new Random(seed ^ 0x1095);
  return {
    units: random.pick(['lines', 'lines', 'chunks']),
    shapes: Array.from({ length: NODES }, () => shape(random)),
    settings: Array.from({ length: 3 }, () => ({
      enabled: random.chance(0.92),
      settle: random.chance(0.7) ? 10 : random.below(40),
      backfill: random.chance(0.8) ? random.below(240) : random.below(3 * 24 * 60),
      overlap: random.chance(0.7) ? 5 : random.below(60),
      // A line has about 200 bytes.
      maxBytesPerDay: random.chance(0.7) ? undefined : 1 + random.below(100_000),
    })),
  };
}

/** Mostly some minutes with messages that share milliseconds; seldom a flood of more lines than a window holds. */
function shape(random: Random): LogShape {
  const some = Array.from({ length: random.below(4) }, () => ({
    start: random.below(640) - 240,
    seconds: 1 + random.below(200),
    perSecond: 1 + random.below(9),
  }));
  const flood = {
    start: 20 * (1 + random.below(8)) - 11 - random.below(3),
    seconds: random.pick([1, 4]),
    perSecond: 6_000,
  };
  return {
    perHour: random.pick([0, 0.2, 2]),
    bursts: [...some, ...(random.chance(0.02) ? [flood] : [])].map(({ start, seconds, perSecond }) => ({
      from: minuteOf(start),
      to: minuteOf(start) + seconds * SECOND,
      perSecond,
    })),
    lateShare: random.pick([0, 0.1, 0.5]),
    lateByMs: random.below(40 * 60) * SECOND,
    lines: random.pick(['json', 'json', 'text']),
  };
}
