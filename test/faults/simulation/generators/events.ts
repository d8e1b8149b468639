import { DAY, SECOND } from '../../../../shared/durations.ts';
import type { EventShape } from '../../../../simulator/events/rules.ts';
import { type EventSettings, type History, minuteOf } from '../history.ts';
import { Random } from '../random.ts';

/** The organisation and at most two projects have a list of events. */
const LISTS = 3;

/** Atlas does not document how long it keeps events. In days. */
const RETENTIONS = [2, 5, 15, 40, Number.POSITIVE_INFINITY];

/** Returns the events of a history. Only the seed decides, so the rest of a history stays the same. */
export function eventsOf(seed: number): History['events'] {
  const random = new Random(seed ^ 0xe7e7);
  return {
    lists: Array.from({ length: LISTS }, () => shape(random)),
    retention: random.pick(RETENTIONS) * DAY,
    isShared: random.chance(0.2),
    settings: Array.from({ length: 3 }, () => settings(random)),
  };
}

/** Mostly some minutes with a few events in a second; in one of five lists a flood of more than a page. */
function shape(random: Random): EventShape {
  const some = Array.from({ length: random.below(4) }, () => ({
    start: random.below(640) - 240,
    seconds: 1 + random.below(300),
    perSecond: 1 + random.below(2),
  }));
  const flood = {
    start: 20 * (1 + random.below(8)) - 3 - random.below(3),
    seconds: 1 + random.below(3),
    perSecond: random.pick([499, 500, 501, 1_100]),
  };
  return {
    perHour: random.pick([0, 1, 10]),
    bursts: [...some, ...(random.chance(0.2) ? [flood] : [])].map(({ start, seconds, perSecond }) => ({
      from: minuteOf(start),
      to: minuteOf(start) + seconds * SECOND,
      perSecond,
    })),
    lateShare: random.pick([0, 0.1, 0.5]),
    lateByMs: random.below(70 * 60) * SECOND,
  };
}

function settings(random: Random): EventSettings {
  return {
    enabled: random.chance(0.92),
    settle: random.chance(0.7) ? 2 : random.below(20),
    backfill: random.chance(0.8) ? random.below(240) : random.below(12 * 24 * 60),
    overlap: random.chance(0.7) ? 60 : random.below(60),
  };
}
