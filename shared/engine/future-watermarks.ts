import { DAY, MINUTE, SECOND } from '../durations.ts';
import type { Cursor } from './cursor.ts';
import type { TargetState, TypedCollector } from './dataset.ts';
import { TICK_TOLERANCE } from './run-clock.ts';

/** A watermark may be ahead of Atlas's clock by the tick that it was set to, and by what that clock is set by meanwhile. */
const TOLERANCE = TICK_TOLERANCE + MINUTE;

/**
 * A watermark that is less ahead is waited for where what is read again cannot be told from what is in the lake: Atlas's own
 * clock may have been set back, and then all before the watermark has been written. Atlas holds everything for longer.
 */
export const WAITED_FOR = DAY;

/**
 * Pulls back what a clock that was ahead has put into Atlas's future: nothing would be read before that time comes.
 * Returns the items that changed, by cursor, and how many targets that were.
 *
 * @param latest the latest time that Atlas's clock can show; undefined when that is not known, and nothing is changed
 */
export function pullBack<State extends TargetState>(
  collector: TypedCollector<State>,
  cursors: ReadonlyMap<string, Cursor<State>>,
  latest: number | undefined,
): { changed: Map<Cursor<State>, Set<number>>; targets: number } {
  const changed = new Map<Cursor<State>, Set<number>>();
  let targets = 0;
  if (latest === undefined) return { changed, targets };
  // A watermark that is a little behind the present costs a request; one ahead of it, values.
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
