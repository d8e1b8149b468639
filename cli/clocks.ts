import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../shared/clock.ts';

/** Returns a clock that starts at an instant and runs `speed` times as fast as the machine's. */
export function clockFrom(start: number, speed = 1): Clock {
  const origin = performance.now();
  return {
    now: () => Math.round(start + (performance.now() - origin) * speed),
    sleep: async (milliseconds, signal) => {
      await setTimeout(milliseconds / speed, undefined, signal && { signal });
    },
  };
}
