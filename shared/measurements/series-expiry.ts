import { floorTo } from '../durations.ts';
import type { Gap, Target } from '../engine/dataset.ts';
import { lostReason } from '../sources/retention.ts';
import { unreadParts } from './backlogs.ts';
import type { Resolution } from './granularity.ts';
import { frontierOf, lastSpan, newSpan, type SeriesState, withWatermark } from './series-state.ts';

/**
 * What becomes of a target that is gone and of which Atlas has dropped everything: all that was not read until the
 * first run that missed it is a gap.
 */
export function expired(
  target: Pick<Target<SeriesState>, 'state' | 'missingSince' | 'silent'>,
  fine: Resolution,
): { state: SeriesState; gaps: Gap[] } {
  const { state, missingSince } = target;
  const { place, span } = frontierOf(state);
  const end = floorTo(missingSince ?? span.position, fine.interval);
  const parts = state.backlogs.flatMap((backlog) => [
    ...unreadParts(state, backlog),
    { from: Math.max(backlog.position, state.watermark), to: backlog.to },
  ]);
  const unread = [...parts, { from: span.position, to: end }].filter(({ from, to }) => from < to);
  if (unread.length === 0 && state.backlogs.length === 0) return { state, gaps: [] };
  const spans = state.spans.slice(0, place + 1).with(place, { ...span, to: span.position });
  const start = Math.max(end, span.position, floorTo(lastSpan(state).from, fine.interval));
  const after = { ...state, backlogs: [], spans: [...spans, newSpan(fine, start)] };
  return { state: withWatermark(after), gaps: joined(unread, lostReason(target)) };
}

/** Spans that touch are one gap. */
function joined(parts: ReadonlyArray<{ from: number; to: number }>, reason: string): Gap[] {
  const gaps: Gap[] = [];
  for (const { from, to } of [...parts].sort((a, b) => a.from - b.from)) {
    const last = gaps.at(-1);
    if (last && last.to >= from) gaps[gaps.length - 1] = { ...last, to: Math.max(last.to, to) };
    else gaps.push({ from, to, reason });
  }
  return gaps;
}
