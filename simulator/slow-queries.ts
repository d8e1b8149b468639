import type { Organisation, Process } from './organisation/types.ts';
import { type SettledQuery, settledQueries } from './slow-queries/lines.ts';

export type { LineContent, SettledQuery } from './slow-queries/lines.ts';
export { settledQueries } from './slow-queries/lines.ts';
export { LITERAL } from './slow-queries/queries.ts';

/** A client's query: a span of time in ms since 1970, and the maximum number of lines. */
export interface SlowQueryRequest {
  start: number;
  end: number;
  most: number;
  isWanted(query: SettledQuery): boolean;
}

/** Returns what a client sees of a process: the first lines that match, in the organisation's order. */
export function shownQueries(
  organisation: Organisation,
  process: Process,
  { start, end, most, isWanted }: SlowQueryRequest,
  now: number,
): SettledQuery[] {
  const { slowQueryBounds: bounds, slowQueriesRetention, slowQueryOrder } = organisation;
  // Neither older nor younger lines are readable now.
  const from = Math.max(start, now - slowQueriesRetention);
  const shown = settledQueries(organisation, process, from, Math.min(end, now) + 1).filter((query) => {
    const { time, visibleFrom, visibleUntil } = query;
    const isInSpan =
      (bounds.startsWith('[') ? time >= start : time > start) &&
      (bounds.endsWith(']') ? time <= end : time < end);
    return isInSpan && visibleFrom <= now && now <= visibleUntil && isWanted(query);
  });
  return (slowQueryOrder === 'newest-first' ? shown.reverse() : shown).slice(0, most);
}
