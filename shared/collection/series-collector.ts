import { createHash } from 'node:crypto';
import type { AtlasSession, Granularity, MeasurementSeries, MeasurementWindow } from '../atlas/api.ts';
import type { AnyRow, Table } from '../lake/table.ts';
import {
  type Collector,
  collector,
  type Gap,
  type Outcome,
  type Step,
  type Target,
  type TargetName,
  type TypedCollector,
  targetLabel,
} from './dataset.ts';
import { floorTo } from './durations.ts';
import { isExpired, lostWithTarget } from './gone.ts';
import { type Ladder, ladder } from './granularity.ts';
import { absorb, type NewPoint, type SeriesState, skipped } from './series.ts';
import { decodeSeries, encodeSeries, largestSeriesSize, seriesSizeBound } from './series-codec.ts';
import type { SeriesSettings } from './settings.ts';
import {
  marksFrom,
  nextWindow,
  RECHECK_PERIOD,
  type RunTime,
  type SeriesMarks,
  type Window,
} from './windows.ts';

/** What is particular to one kind of measurements. */
export interface SeriesSource extends Pick<TypedCollector<SeriesState>, 'listOwners' | 'listTargets'> {
  table: Table;
  fetch(atlas: AtlasSession, target: TargetName, window: MeasurementWindow): Promise<MeasurementSeries[]>;
  row(target: Target<SeriesState>, point: NewPoint, granularity: Granularity, collectedAt: number): AnyRow;
}

/** Collects measurement series in windows, by the marks and granule sets of their targets. */
export function seriesCollector(source: SeriesSource, settings: SeriesSettings): Collector {
  const levels = ladder(settings.granularity);
  const { fine } = levels;
  return collector<SeriesState>({
    listOwners: source.listOwners,
    listTargets: source.listTargets,
    firstState(target, time) {
      const mark = floorTo(Math.min(time.tick, time.now) - settings.backfill, fine.granule);
      return newSeries(marksFrom(mark, fine, stagger(target), time.now));
    },
    nextStep(target, time) {
      const gone = lostWithTarget(target, fine, time);
      if (gone) return lost(target, levels, gone);
      if (isExpired(target, fine, time)) return null;
      const reached = target.state.reachedIn === time.now;
      const window = nextWindow(target.state, levels, settings.settle, time, reached);
      if (!window) return null;
      if (window.purpose === 'lost') {
        return lost(target, levels, {
          from: target.state.mark,
          to: window.to,
          reason: 'older than Atlas keeps',
        });
      }
      return (atlas, collectedAt) => read(source, target, levels, window, time, atlas, collectedAt);
    },
    stateVersion: 1,
    encode: (states) => encodeSeries(fine, states),
    decode(stored, marks) {
      const decoded = decodeSeries(fine, stored);
      const states = new Map<string, SeriesState>();
      for (const [name, mark] of marks) {
        // Stored for another granularity: what was read stays as it is, and so does the mark, which the former
        // granularity would go on from. The new one starts with the granule that holds it.
        const start = floorTo(mark, fine.granule);
        const anew = newSeries({ mark, fineFrom: start, recheckedTo: start, rereadFrom: null });
        const state = decoded ? decoded.get(name) : anew;
        if (state) states.set(name, { ...state, mark });
      }
      return states;
    },
    dormant: (state) => ({ ...state, series: new Map(), rereadFrom: null }),
    sizeBound: (state) => seriesSizeBound(fine, state),
    largestState: largestSeriesSize(fine),
  });
}

function newSeries(marks: SeriesMarks): SeriesState {
  return { ...marks, series: new Map(), reachedIn: null };
}

async function read(
  source: SeriesSource,
  target: Target<SeriesState>,
  levels: Ladder,
  window: Window,
  time: RunTime,
  atlas: AtlasSession,
  collectedAt: () => number,
): Promise<Outcome<SeriesState>> {
  const answer = await source.fetch(atlas, target, {
    granularity: window.level.granularity,
    // One granule early: the first point of a rate series is null in whatever window is asked for.
    start: window.from - window.level.granule,
    end: window.to,
  });
  const { points, state } = absorb(target.state, answer, window, levels, stagger(target), time.now);
  const at = collectedAt();
  return {
    state: { ...state, reachedIn: window.purpose === 'forward' ? time.now : state.reachedIn },
    tables: [
      {
        table: source.table,
        rows: points.map((point) => source.row(target, point, window.level.granularity, at)),
      },
    ],
    gaps: [],
  };
}

function lost({ state }: Target<SeriesState>, { fine }: Ladder, gap: Gap): Step<SeriesState> {
  return async () => ({ state: skipped(state, gap.to, fine), tables: [], gaps: [gap] });
}

/** Spreads the rechecks of different targets over their period, the same way in every run. */
function stagger(target: TargetName): number {
  const digest = createHash('sha256').update(targetLabel(target)).digest();
  return digest.readUInt32BE(0) % RECHECK_PERIOD;
}
