import type { EventRules } from './events/rules.ts';
import { fractionAt, hashAt, mix } from './hash.ts';
import { HOUR, SECOND } from './time.ts';

/** Returns the times of what happens in [from, to) by the rules, each with a number of its own. */
export function arrivals(
  { perHour, bursts }: Pick<EventRules, 'perHour' | 'bursts'>,
  key: number,
  from: number,
  to: number,
): { time: number; index: number }[] {
  const times: { time: number; index: number }[] = [];
  const add = (time: number, index: number) => {
    if (time >= from && time < to) times.push({ time, index });
  };
  if (perHour > 0) {
    for (let hour = Math.floor(from / HOUR); hour * HOUR < to; hour += 1) {
      // Uniform between none and twice the average.
      const count = Math.floor(2 * perHour * fractionAt(key, hour) + fractionAt(mix(key), hour));
      for (let number = 0; number < count; number += 1) {
        const index = hour * 10_000 + number;
        add(hour * HOUR + (hashAt(mix(key + 2), index) % HOUR), index);
      }
    }
  }
  for (const burst of bursts) {
    for (
      let second = Math.max(burst.from, floorSecond(from));
      second < Math.min(burst.to, to);
      second += SECOND
    )
      for (let number = 0; number < burst.perSecond; number += 1) {
        // Negative, unlike the others. Many share a millisecond.
        add(second + (number % 7), -((second / SECOND) * 100_000 + number));
      }
  }
  return times;
}

export function floorSecond(time: number): number {
  return Math.floor(time / SECOND) * SECOND;
}
