import { ceilTo, floorTo } from './instants.ts';
import { coarserThan, type Resolution } from './points.ts';
import { clockOf } from './runs.ts';
import type { ResolutionAdvance } from './target-facts.ts';

/** A time from one instant up to another, without the latter. */
export interface Period {
  from: number;
  to: number;
}

/** A time that a target is read at one resolution. The last span has no end. */
export interface ResolutionSpan extends Period {
  resolution: Resolution;
}

/**
 * Returns the resolutions at which a target was read, by the moves of its watermark. A granularity ends at the first
 * interval of its successor that begins at or after the watermark, or at the one that holds the watermark if Atlas drops
 * the rest of the former granularity first. A change that is undone before it begins has no effect.
 * Data that the finest resolution lost before it was read is coarse. Nothing is checked again before that data.
 *
 * Where a coarse hour without values holds the watermark, runs still read new points after it. A granularity that changes
 * meanwhile ends after those points, not at the watermark. Either way, one of the two must have every value.
 */
export function spansOf(
  advances: readonly ResolutionAdvance[],
  limitOf: (resolution: Resolution, now: number) => number,
): ResolutionSpan[] {
  const [first] = advances;
  if (!first) return [];
  let spans: ResolutionSpan[] = [
    { resolution: first.resolution, from: first.start, to: Number.POSITIVE_INFINITY },
  ];
  for (const { resolution, start, to, run, front } of advances) {
    if (spans.at(-1)?.resolution !== resolution) {
      if (spans.length > 1 && (spans.at(-1)?.from ?? 0) >= front) spans.pop();
      const last = spans.at(-1);
      if (last && last.resolution === resolution) last.to = Number.POSITIVE_INFINITY;
      else if (last) {
        last.to = ceilTo(front, resolution.interval);
        spans.push({ resolution, from: last.to, to: Number.POSITIVE_INFINITY });
      }
    }
    const limit = limitOf(resolution, clockOf(run));
    const ending = spans.find(({ from, to }) => from <= front && front < to);
    const next = spans.find(({ from }) => from === ending?.to);
    if (ending && next && front < limitOf(ending.resolution, clockOf(run)))
      ending.to = next.from = floorTo(front, next.resolution.interval);
    const [coarse] = coarserThan(resolution);
    if (to > start && start < limit && coarse) {
      const border = Math.min(to, ceilTo(limit, coarse.interval));
      // Only points read beyond a held watermark can be after the border.
      spans = spans
        .filter((span) => span.to > border)
        .map((span, place) => (place === 0 ? { ...span, from: border } : span));
    }
  }
  return spans;
}

/** Joins periods that touch, in the order of their starts. */
export function joined(periods: readonly Period[]): Period[] {
  const whole: Period[] = [];
  for (const { from, to } of periods.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else if (from < to) whole.push({ from, to });
  }
  return whole;
}

/** Returns whether an instant is in a period. */
export function contains({ from, to }: Period, instant: number): boolean {
  return from <= instant && instant < to;
}
