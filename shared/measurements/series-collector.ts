import { createHash } from 'node:crypto';
import type { AtlasSession, MeasurementSeries, MeasurementWindow } from '../atlas/api.ts';
import { floorTo, HOUR } from '../durations.ts';
import {
  type Collector,
  collector,
  type Step,
  type StepResult,
  type Target,
  type TargetName,
  type TypedCollector,
  targetLabel,
} from '../engine/dataset.ts';
import type { RunTime } from '../engine/run-clock.ts';
import type { Table } from '../lake/table.ts';
import { forwardTime, isExpired } from '../sources/retention.ts';
import { type Resolution, resolutionOf } from './granularity.ts';
import { pointValues, processValues } from './measurement-table.ts';
import { dormant, fitted, furthest, pulledBack } from './series-changes.ts';
import { decodeSeries, encodeSeries } from './series-codec.ts';
import { expired } from './series-expiry.ts';
import { type SeriesLimits, seriesLimits, seriesSizeBound } from './series-limits.ts';
import { readWindow } from './series-reading.ts';
import type { SeriesSettings } from './series-settings.ts';
import { newSeries, type SeriesState } from './series-state.ts';
import { configured, requestedAgain } from './substitution.ts';
import { nextTask, withMissedFinalChecks } from './windows.ts';

export { dormant, pulledBack };

/** What one dataset of measurements declares about its source. */
export interface SeriesSource
  extends Pick<TypedCollector<SeriesState>, 'listSources' | 'listTargets' | 'concurrency'> {
  table: Table;
  /** The column of the table that names a target within its process; null if the target is the process itself. */
  targetColumn: string | null;
  /**
   * How many targets of a process at least share a cursor item. The fewer they are, the more series each may have:
   * `seriesLimits` computes how many.
   */
  targetsPerItem: number;
  /** Returns whether a series is collected; all are if omitted. */
  selects?(measurement: string): boolean;
  fetch(atlas: AtlasSession, target: TargetName, window: MeasurementWindow): Promise<MeasurementSeries[]>;
}

/** Period over which the final checks of different targets are spread. */
const PHASES = 6 * HOUR;

const MISSED =
  'values that Atlas filled in late may be missing: they were not looked for a last time before Atlas dropped them';
const FORGOTTEN =
  'values that Atlas fills in late may be missing: a target has more different timestamps than are remembered';

const SUBSTITUTED =
  'Atlas refuses the configured granularity of a target: the next coarser one is collected for a day';

const everything = () => true;

/**
 * Returns a collector that reads measurement series in windows, by the spans, backlogs and known points of
 * their targets.
 */
export function seriesCollector(source: SeriesSource, settings: SeriesSettings): Collector {
  const fine = resolutionOf(settings.granularity);
  const limits = seriesLimits(fine, source.targetsPerItem);
  return collector<SeriesState>({
    listSources: source.listSources,
    listTargets: source.listTargets,
    ...(source.concurrency !== undefined && { concurrency: source.concurrency }),
    firstState(_target, { tick, now }) {
      return newSeries(fine, floorTo(Math.min(tick, now) - settings.backfill, fine.step));
    },
    nextStep: (target, time) => nextStep({ source, fine, limits, settings }, target, time),
    // Version 1 had a bitmap of intervals for each series. Version 2 had no substitutes.
    stateVersion: 3,
    encode: (states) => encodeSeries(fine, states),
    decode(stored, watermarks) {
      const states = decodeSeries(stored, watermarks);
      return new Map([...states].map(([name, state]) => [name, configured(state, fine)]));
    },
    dormant,
    furthest,
    pulledBack,
    sizeBound: (state) => seriesSizeBound(state, limits),
    largestState: limits.bytes,
  });
}

/** What the steps of all targets have in common. */
interface Collection {
  source: SeriesSource;
  fine: Resolution;
  limits: SeriesLimits;
  settings: SeriesSettings;
}

function nextStep(
  { source, fine, limits, settings }: Collection,
  target: Target<SeriesState>,
  time: RunTime,
): Step<SeriesState> | null {
  // While the substitute has the data, it is read.
  if (isExpired(target, fine.substitute ?? fine, time)) {
    const { state, gaps } = expired(target, fine);
    return gaps.length > 0 ? async () => ({ state, tables: [], gaps }) : null;
  }
  const { table, targetColumn } = source;
  const { settle } = settings;
  const plan = { settle, jitter: jitterOf(target), selects: source.selects ?? everything };
  const forward = forwardTime(target, { interval: fine.step }, settle, time);
  const task = nextTask(requestedAgain(target.state, fine, time), plan, time, forward);
  if (!task) return null;
  if (task.kind === 'record') {
    const { state, gaps } = task;
    return async () => ({ state, tables: [], gaps });
  }
  return async (atlas, clock) => {
    // Before the request, because a refusal gives up the final checks of earlier times.
    const checked = withMissedFinalChecks(task.state, time.now);
    const request = {
      window: task.window,
      state: checked.state,
      time,
      plan,
      mostSeries: limits.series,
      isListed: target.missingSince === null,
      fetch: (window: MeasurementWindow) => source.fetch(atlas, target, window),
      clock,
    };
    const { state, points, gaps } = await readWindow(request);
    const fitting = fitted(state, limits.bytes, (state) => seriesSizeBound(state, limits));
    const at = clock();
    const { granularity } = task.window.resolution;
    return {
      state: fitting.state,
      tables: [
        {
          table,
          rows: points.map((point) => ({
            ...processValues(target),
            ...(targetColumn !== null && { [targetColumn]: target.name }),
            ...pointValues(point, granularity, at),
          })),
        },
      ],
      gaps,
      warnings: [
        ...(checked.missed ? [MISSED] : []),
        ...(fitting.shortened ? [FORGOTTEN] : []),
        ...(state.substitutedUntil !== checked.state.substitutedUntil ? [SUBSTITUTED] : []),
      ],
    } satisfies StepResult<SeriesState>;
  };
}

/** Returns the jitter of a target's final checks, which is the same in every run. */
function jitterOf(target: TargetName): number {
  const digest = createHash('sha256').update(targetLabel(target)).digest();
  return digest.readUInt32BE(0) % PHASES;
}
