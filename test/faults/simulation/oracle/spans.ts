import { ceilTo, coarserThan, type Level } from './points.ts';
import { clockOf } from './strides.ts';
import type { LevelStride } from './target-check.ts';

/** From when to when a target is read at a level; the last goes on. */
export interface LevelSpan {
  level: Level;
  from: number;
  to: number;
}

/**
 * At which levels a target was read, by the moves of its watermark: a granularity ends at the first granule of its successor
 * that begins at the watermark or after it, and one that was taken back before it had begun never was. What was not read
 * while the finest level held it is coarse; what was read before that is looked after no more.
 *
 * Where a coarse hour without values holds the mark, new points are read in front of it all the same: a granularity that
 * changes meanwhile ends there, not at the mark. Wherever that is, one of the two must have every value.
 */
export function spansOf(
  strides: readonly LevelStride[],
  limitOf: (level: Level, now: number) => number,
): LevelSpan[] {
  const [first] = strides;
  if (!first) return [];
  let spans: LevelSpan[] = [{ level: first.level, from: first.start, to: Number.POSITIVE_INFINITY }];
  for (const { level, start, to, run, front } of strides) {
    if (spans.at(-1)?.level !== level) {
      if (spans.length > 1 && (spans.at(-1)?.from ?? 0) >= front) spans.pop();
      const last = spans.at(-1);
      if (last && last.level === level) last.to = Number.POSITIVE_INFINITY;
      else if (last) {
        last.to = ceilTo(front, level.granule);
        spans.push({ level, from: last.to, to: Number.POSITIVE_INFINITY });
      }
    }
    const limit = limitOf(level, clockOf(run));
    const [coarse] = coarserThan(level);
    if (to > start && start < limit && coarse) {
      const border = Math.min(to, ceilTo(limit, coarse.granule));
      // Only what was read in front of a mark that is held can lie behind the border.
      spans = spans
        .filter((span) => span.to > border)
        .map((span, place) => (place === 0 ? { ...span, from: border } : span));
    }
  }
  return spans;
}
