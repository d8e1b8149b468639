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
 */
export function spansOf(
  strides: readonly LevelStride[],
  limitOf: (level: Level, now: number) => number,
): LevelSpan[] {
  const [first] = strides;
  if (!first) return [];
  let spans: LevelSpan[] = [{ level: first.level, from: first.start, to: Number.POSITIVE_INFINITY }];
  for (const { level, start, to, run } of strides) {
    if (spans.at(-1)?.level !== level) {
      if (spans.length > 1 && (spans.at(-1)?.from ?? 0) >= start) spans.pop();
      const last = spans.at(-1);
      if (last && last.level === level) last.to = Number.POSITIVE_INFINITY;
      else if (last) {
        last.to = ceilTo(start, level.granule);
        spans.push({ level, from: last.to, to: Number.POSITIVE_INFINITY });
      }
    }
    const limit = limitOf(level, clockOf(run));
    const [coarse] = coarserThan(level);
    if (to > start && start < limit && coarse)
      spans = [{ level, from: Math.min(to, ceilTo(limit, coarse.granule)), to: Number.POSITIVE_INFINITY }];
  }
  return spans;
}
