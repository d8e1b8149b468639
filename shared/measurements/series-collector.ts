import { createHash } from 'node:crypto';
import type { AtlasSession, MeasurementSeries, MeasurementWindow } from '../atlas/api.ts';
import type { Listing } from '../atlas/listing.ts';
import { floorTo, HOUR } from '../durations.ts';
import type { Target, TargetKey } from '../engine/cursor.ts';
import {
  type Collector,
  type Dataset,
  defineDataset,
  type KnownSources,
  type Source,
  type StateCodec,
  type Step,
  type StepResult,
  targetLabel,
} from '../engine/dataset.ts';
import type { DatasetDeclaration } from '../engine/declaration.ts';
import type { RunTime } from '../engine/run-clock.ts';
import { type ProcessId, type ProjectId, processId, projectOf, type Subject } from '../ids.ts';
import type { Table } from '../lake/table.ts';
import { advanceTime, isExpired } from '../sources/retention.ts';
import { type Resolution, resolutionOf } from './granularity.ts';
import { pointValues, processValues } from './measurement-table.ts';
import { dormant, fitted, furthest, pulledBack, switched } from './series-changes.ts';
import { decodeSeries, encodeSeries, largestSeriesSize, seriesSizeBound } from './series-codec.ts';
import { expired } from './series-expiry.ts';
import { readWindow } from './series-reading.ts';
import type { SeriesSettings } from './series-settings.ts';
import { newSeries, type SeriesState } from './series-state.ts';
import { nextTask, withMissedFinalChecks } from './windows.ts';

export { dormant, pulledBack };

/** What one dataset of measurements declares about its source. */
export interface SeriesSource {
  table: Table;
  /** The column of the table that names a target within its process. */
  targetColumn: string;
  /**
   * The most series that a target may have: the series of a target are kept in one item, whatever Atlas names. A larger
   * number leaves room for fewer targets in an item.
   */
  maxSeries: number;
  /** Lists the processes that have targets. */
  listSources(atlas: AtlasSession, subject: Subject, known: KnownSources): Promise<Listing<Source>>;
  /** Lists the targets of a process. */
  listTargets(atlas: AtlasSession, project: ProjectId, process: ProcessId): Promise<Listing<string>>;
  /** Reads the series of a target of a process. */
  fetch(
    atlas: AtlasSession,
    where: { project: ProjectId; process: ProcessId; name: string },
    window: MeasurementWindow,
  ): Promise<MeasurementSeries[]>;
}

/** The final checks of different targets are spread over this period. */
const JITTER = 6 * HOUR;

const MISSED =
  'values that Atlas filled in late may be missing: they were not looked for a last time before Atlas dropped them';
const FORGOTTEN =
  'values that Atlas fills in late may be missing: a target has more different timestamps than are remembered';

/** Returns the dataset of a source's measurement series. */
export function seriesDataset(
  declaration: DatasetDeclaration<SeriesSettings>,
  source: SeriesSource,
): Dataset<SeriesSettings> {
  return defineDataset(declaration, {
    codec: ({ granularity }) => seriesCodec(resolutionOf(granularity), source.maxSeries),
    collector: (settings, subject) => seriesCollector(source, settings, subject),
  });
}

/** Returns the codec of targets that are read at a resolution and may have a number of series. */
function seriesCodec(fine: Resolution, maxSeries: number): StateCodec<SeriesState> {
  return {
    // Version 1 had a bitmap of intervals for each series.
    stateVersion: 2,
    encode: (states) => encodeSeries(fine, states),
    decode(stored, watermarks) {
      const states = decodeSeries(stored, watermarks);
      return new Map([...states].map(([name, state]) => [name, switched(state, fine)]));
    },
    sizeBound: (state) => seriesSizeBound(state, maxSeries),
    largestState: largestSeriesSize(fine, maxSeries),
  };
}

/**
 * Returns a collector that reads measurement series in windows, by the spans, backlogs and known points of
 * their targets.
 */
function seriesCollector(
  source: SeriesSource,
  settings: SeriesSettings,
  subject: Subject,
): Collector<SeriesState> {
  const project = projectOf(subject);
  const fine = resolutionOf(settings.granularity);
  return {
    listSources: (atlas, known) => source.listSources(atlas, subject, known),
    listTargets: (atlas, { id }) => source.listTargets(atlas, project, processId(id)),
    firstState({ tick, now }) {
      return newSeries(fine, floorTo(Math.min(tick, now) - settings.backfill, fine.interval));
    },
    nextStep: (target, time) => nextStep({ source, project, fine, settings }, target, time),
    dormant,
    furthest,
    pulledBack,
  };
}

function nextStep(
  {
    source,
    project,
    fine,
    settings: { settle },
  }: { source: SeriesSource; project: ProjectId; fine: Resolution; settings: SeriesSettings },
  target: Target<SeriesState>,
  time: RunTime,
): Step<SeriesState> | null {
  if (isExpired(target, fine, time)) {
    const { state, gaps } = expired(target, fine);
    return gaps.length > 0 ? async () => ({ state, tables: [], gaps }) : null;
  }
  const { table, targetColumn, maxSeries } = source;
  const pacing = { settle, jitter: jitterOf(target) };
  const task = nextTask(target.state, pacing, time, advanceTime(target, fine, settle, time));
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
      settle,
      maxSeries,
      isListed: target.missingSince === null,
      fetch: (window: MeasurementWindow) =>
        source.fetch(atlas, { project, process: processId(target.source), name: target.name }, window),
      clock,
    };
    const { state, points, gaps } = await readWindow(request);
    const fitting = fitted(state, largestSeriesSize(fine, maxSeries), (state) =>
      seriesSizeBound(state, maxSeries),
    );
    const at = clock();
    const { granularity } = task.window.resolution;
    return {
      state: fitting.state,
      tables: [
        {
          table,
          rows: points.map((point) => ({
            ...processValues(project, target),
            [targetColumn]: target.name,
            ...pointValues(point, granularity, at),
          })),
        },
      ],
      gaps,
      warnings: [...(checked.missed ? [MISSED] : []), ...(fitting.shortened ? [FORGOTTEN] : [])],
    } satisfies StepResult<SeriesState>;
  };
}

/** Returns the jitter of a target's final checks, which is the same in every run. */
function jitterOf(target: TargetKey): number {
  const digest = createHash('sha256').update(targetLabel(target)).digest();
  return digest.readUInt32BE(0) % JITTER;
}
