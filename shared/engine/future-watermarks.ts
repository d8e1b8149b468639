import { DAY, MINUTE, SECOND } from '../durations.ts';
import type { Cursor } from './cursor.ts';
import type { Collector, TargetState } from './dataset.ts';
import { TICK_TOLERANCE } from './run-clock.ts';

/**
 * A watermark may be ahead of Atlas's clock by the tick that it was set to, and by later adjustments of that
 * clock.
 */
const TOLERANCE = TICK_TOLERANCE + MINUTE;

/**
 * The run waits for a watermark that is less ahead than this, if data that is read again cannot be told from
 * what is in the lake. Atlas's own clock may have been set back, and then everything before the watermark has
 * been written. Atlas keeps all data for longer than this.
 */
export const WAITED_FOR = DAY;

/**
 * Pulls back what a clock that was ahead has put into Atlas's future. Otherwise nothing would be read until
 * that time. Returns the changed items by cursor, and the number of targets that changed.
 *
 * @param latest the latest time that Atlas's clock can show; undefined if unknown, and then nothing changes
 */
export function pullBack<State extends TargetState>(
  collector: Collector<State>,
  cursors: ReadonlyMap<string, Cursor<State>>,
  latest: number | undefined,
): { changed: Map<Cursor<State>, Set<number>>; targets: number } {
  const changed = new Map<Cursor<State>, Set<number>>();
  let targets = 0;
  if (latest === undefined) return { changed, targets };
  // A watermark slightly behind the present costs a request. One ahead of it loses values.
  const present = latest - SECOND;
  const isFuture = (instant: number | null) => instant !== null && instant > latest + TOLERANCE;
  for (const cursor of cursors.values()) {
    if (isFuture(cursor.listingAt)) cursor.listingAt = null;
    const items = new Set<number>();
    for (const target of cursor.targets.values()) {
      if (isFuture(target.missingSince)) {
        target.missingSince = present;
        items.add(target.item);
      }
      const furthest = collector.furthest?.(target.state) ?? target.state.watermark;
      if (!collector.pulledBack || !isFuture(furthest)) continue;
      const state = collector.pulledBack(target.state, present);
      if (state === target.state) continue;
      target.state = state;
      items.add(target.item);
      targets += 1;
    }
    if (items.size > 0) changed.set(cursor, items);
  }
  return { changed, targets };
}
