import { ceilTo, floorTo } from '../durations.ts';
import type { LakeRows, Period } from '../engine/backfill/rereading.ts';
import type { Gap } from '../engine/dataset.ts';
import { type StoredRow, storedInstant } from '../lake/stored-rows.ts';
import type { AnyRow } from '../lake/table.ts';
import { lostFrom, OF_SINGLE_SERIES, withBacklogs } from './backlogs.ts';
import { earlyBy, longerThan, type Resolution, resolutionOf } from './granularity.ts';
import type { KnownPoints } from './instants.ts';
import { mergePoints } from './known-points.ts';
import { hasNewSeries, rereadWhole, valuesWith } from './series.ts';
import { frontierOf, isUnread, newSeries, type SeriesState } from './series-state.ts';
import { configured } from './substitution.ts';

/** Returns the state from which a backfill reads a period, at the resolution that the target is read at. */
export function beginSeries(
  { substitutedUntil }: Pick<SeriesState, 'substitutedUntil'>,
  { from }: Period,
  fine: Resolution,
): SeriesState {
  return configured({ ...newSeries(fine, floorTo(from, fine.step)), substitutedUntil }, fine);
}

/**
 * Returns up to where runs have read a target and write nothing more that the known points do not prevent. Once Atlas has
 * dropped the finest values, runs open backlogs where the span begins to lack values, and know nothing of them.
 */
export function seriesReadTo(state: SeriesState): number {
  return Math.min(state.watermark, lostFrom(state, frontierOf(state).span));
}

/**
 * Returns the state with the backlogs of what Atlas has dropped, but only up to the end of the period. An interval that
 * runs have not read to its end is left to them: they may open a backlog that begins with it.
 *
 * @param readTo up to where runs have read the target
 */
export function boundedSeries(
  state: SeriesState,
  { to }: Period,
  { readTo, now }: { readTo: number; now: number },
): SeriesState {
  const opened = withBacklogs(state, now);
  const backlogs = opened.backlogs
    .map((backlog) => {
      const { interval } = backlog.resolution;
      return { ...backlog, to: Math.min(backlog.to, ceilTo(to, interval), floorTo(readTo, interval)) };
    })
    .filter((backlog) => backlog.from < backlog.to);
  return { ...opened, backlogs };
}

/** Returns the backlogs of which Atlas refused a part as losses, and whether the end of the period must wait. */
export function unreadSeries({ backlogs, isWaiting = false }: SeriesState): {
  losses: Gap[];
  isWaiting: boolean;
} {
  const losses = backlogs.flatMap(({ from, to, refusal: reason }) =>
    reason === null ? [] : [{ from, to, reason }],
  );
  return { losses, isWaiting };
}

/** Returns why the configured granularity is not that of the collected data; null if it is. */
export function granularityMismatch({ spans }: SeriesState): string | null {
  const [former, last] = spans.slice(-2);
  if (!former || !last || !isUnread(last)) return null;
  return `the configuration has the granularity ${last.resolution.granularity}, and ${former.resolution.granularity} was collected last`;
}

/** Returns the interval that a row stands for. */
export function intervalOf(row: AnyRow): Period {
  const resolution = resolutionOf(String(row['granularity']));
  const from = floorTo(row.ts + earlyBy(resolution), resolution.interval);
  return { from, to: from + resolution.interval };
}

/**
 * Returns whether values can fill a gap with this reason. A value does not show whether the single series that a gap is
 * about have one.
 */
export function canBeFilled(reason: string): boolean {
  return !reason.includes(OF_SINGLE_SERIES);
}

/**
 * Returns the state that also knows rows that a backfill wrote, in the spans and backlogs that later runs may read again.
 * If a series is new, runs read its values from outside the period: they would not find it new any more.
 */
export function withRows(state: SeriesState, rows: readonly AnyRow[]): SeriesState {
  if (rows.length === 0) return state;
  const byGranularity = Map.groupBy(rows, (row) => String(row['granularity']));
  const extended = <Holder extends Holding>(holder: Holder, place: number): Holder => {
    const own = byGranularity.get(holder.resolution.granularity);
    if (!own) return holder;
    const known = knownWith(holder, place, own);
    return { ...holder, known };
  };
  const spans = state.spans.map(extended);
  const isNew = hasNewSeries(
    state.spans,
    spans.flatMap(({ known }) => [...known.keys()]),
  );
  return {
    ...state,
    values: valuesWith(
      state,
      rows.map(({ ts }) => ts),
    ),
    spans: isNew ? spans.map(rereadWhole) : spans,
    backlogs: state.backlogs.map(extended),
  };
}

interface Holding {
  resolution: Resolution;
  from: number;
  to: number | null;
  known: KnownPoints;
}

function knownWith(
  { resolution, from, to, known }: Holding,
  place: number,
  rows: readonly AnyRow[],
): KnownPoints {
  const series = [...Map.groupBy(rows, (row) => String(row['measurement']))].map(([name, own]) => ({
    name,
    units: null,
    dataPoints: own.map(({ ts }) => ({ timestamp: ts, value: 0 })),
  }));
  const window = {
    purpose: 'advance',
    place,
    resolution,
    from,
    to: to ?? Number.POSITIVE_INFINITY,
  } as const;
  return mergePoints(series, window, known, new Map()).known;
}

/**
 * Returns a function that says which intervals of which resolutions a row stands for: its own, and the longer ones that
 * contain it. No instant may be in the lake at two resolutions. Leaves out marks that the row before had too.
 *
 * @param fine the finest resolution that may be written, with which nothing can be finer than its own rows
 */
export function intervalMarker(
  fine: Resolution,
  targetOf: (row: StoredRow) => string,
): (row: StoredRow) => string[] {
  let before: readonly string[] = [];
  return (row) => {
    const { resolution, instant, series } = placeOf(row, targetOf(row));
    const marks = longerThan(resolution).map((longer) => mark(series, longer, instant, 'within'));
    if (resolution.interval > fine.interval) marks.push(mark(series, resolution, instant, 'at'));
    const fresh = marks.filter((one, place) => one !== before[place]);
    before = marks;
    return fresh;
  };
}

/** Returns whether the lake has no value of another resolution for the interval of a row. */
export function isAtOneResolution(row: StoredRow, target: string, lake: Pick<LakeRows, 'countOf'>): boolean {
  const { resolution, instant, series } = placeOf(row, target);
  if (lake.countOf(mark(series, resolution, instant, 'within')) > 0) return false;
  return longerThan(resolution).every((longer) => lake.countOf(mark(series, longer, instant, 'at')) === 0);
}

function placeOf(
  row: StoredRow,
  target: string,
): { resolution: Resolution; instant: number; series: string } {
  const resolution = resolutionOf(String(row['granularity']));
  return {
    resolution,
    instant: storedInstant(row['ts']) + earlyBy(resolution),
    series: `${target} ${String(row['measurement'])}`,
  };
}

function mark(
  series: string,
  { granularity, interval }: Resolution,
  instant: number,
  how: 'at' | 'within',
): string {
  return `${series} ${granularity} ${how} ${floorTo(instant, interval)}`;
}
