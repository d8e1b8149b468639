import { floorTo } from '../durations.ts';
import type { Target } from '../engine/cursor.ts';
import type { Gap } from '../engine/dataset.ts';
import { lostReason } from '../sources/retention.ts';
import { unreadParts } from './backlogs.ts';
import type { Resolution } from './granularity.ts';
import { frontierOf, gapEnd, lastSpan, newSpan, type SeriesState, withWatermark } from './series-state.ts';

/**
 * Returns the final state of a target that is gone and whose data Atlas has dropped. Everything that was not
 * read before the first run that missed the target is a gap.
 */
export function expired(
  target: Pick<Target<SeriesState>, 'state' | 'missingSince' | 'cursor'>,
  fine: Resolution,
): { state: SeriesState; gaps: Gap[] } {
  const { state, missingSince } = target;
  const { place, span } = frontierOf(state);
  const end = floorTo(missingSince ?? span.position, fine.interval);
  const parts = state.backlogs.flatMap((backlog) => [
    ...unreadParts(state, backlog).map((part) => ({ ...part, resolution: backlog.resolution })),
    { from: Math.max(backlog.position, state.watermark), to: backlog.to, resolution: backlog.resolution },
  ]);
  const unread = [...parts, { from: span.position, to: end, resolution: fine }].filter(
    ({ from, to }) => from < to,
  );
  if (unread.length === 0 && state.backlogs.length === 0) return { state, gaps: [] };
  const spans = state.spans.slice(0, place + 1).with(place, { ...span, to: span.position });
  const start = Math.max(end, span.position, floorTo(lastSpan(state).from, fine.interval));
  const after = { ...state, backlogs: [], spans: [...spans, newSpan(fine, start)] };
  const reason = lostReason(target);
  const gaps = joined(unread).map(({ from, to, resolution }) => ({
    from,
    to: gapEnd(state, resolution, to),
    reason,
  }));
  return { state: withWatermark(after), gaps };
}

interface Part {
  from: number;
  to: number;
  resolution: Resolution;
}

/** Joins parts that touch. The joined part has the resolution at which it ends. */
function joined(parts: readonly Part[]): Part[] {
  const whole: Part[] = [];
  for (const part of [...parts].sort((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (!last || last.to < part.from) whole.push(part);
    else if (last.to < part.to) whole[whole.length - 1] = { ...part, from: last.from };
  }
  return whole;
}
