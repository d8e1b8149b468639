import { createHash } from 'node:crypto';
import type { AtlasSession, MeasurementSeries, MeasurementWindow } from '../atlas/api.ts';
import type { Listing } from '../atlas/listing.ts';
import { floorTo, HOUR, MINUTE } from '../durations.ts';
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
import type { StoredRow } from '../lake/stored-rows.ts';
import type { Table } from '../lake/table.ts';
import { advanceTime, isExpired } from '../sources/retention.ts';
import { type Resolution, resolutionOf } from './granularity.ts';
import { pointRow, processValues } from './measurement-table.ts';
import { nextTask, withMissedFinalChecks } from './next-task.ts';
import { isResting, type OptionalSeries, orEmpty, withRest } from './optional-series.ts';
import {
  beginSeries,
  boundedSeries,
  canBeFilled,
  granularityMismatch,
  intervalMarker,
  intervalOf,
  isAtOneResolution,
  seriesReadTo,
  unreadSeries,
  withRows,
} from './rereading.ts';
import { dormant, fitted, furthest, pulledBack } from './series-changes.ts';
import { decodeSeries, encodeSeries } from './series-codec.ts';
import { expired } from './series-expiry.ts';
import { type SeriesLimits, seriesLimits, seriesSizeBound } from './series-limits.ts';
import { readWindow } from './series-reading.ts';
import type { SeriesSettings } from './series-settings.ts';
import { newSeries, type SeriesState } from './series-state.ts';
import { configured, requestedAgain } from './substitution.ts';
import type { ReadingPlan } from './windows.ts';

/** What one dataset of measurements declares about its source. */
export interface SeriesSource<Settings extends SeriesSettings = SeriesSettings>
  extends Pick<Collector<SeriesState>, 'concurrency'> {
  table: Table;
  /** The column of the table that names a target within its process; null if the target is the process itself. */
  targetColumn: string | null;
  /**
   * How many targets of a process at least share a cursor item. The fewer they are, the more series each may have:
   * `seriesLimits` computes how many.
   */
  targetsPerItem: number;
  /** How targets are read that may have no values at all; all have some if omitted. */
  optional?: OptionalSeries;
  /** Returns whether the settings select a series; all are selected if omitted. */
  selects?(settings: Settings, measurement: string): boolean;
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

/** The least slack of final checks. A stack may run a dataset less often than its declaration says. */
const LEAST_SLACK = 40 * MINUTE;

const MISSED =
  'values that Atlas filled in late may be missing: they were not looked for a last time before Atlas dropped them';
const FORGOTTEN =
  'values that Atlas fills in late may be missing: a target has more different timestamps than are remembered';

const SUBSTITUTED =
  'Atlas refuses the configured granularity of a target: the next coarser one is collected for a day';

/** Returns the dataset of a source's measurement series. */
export function seriesDataset<Settings extends SeriesSettings>(
  declaration: DatasetDeclaration<Settings>,
  source: SeriesSource<Settings>,
): Dataset<Settings> {
  return defineDataset(declaration, {
    codec: ({ granularity }) => seriesCodec(resolutionOf(granularity), source),
    collector: (settings, subject) => seriesCollector(source, slackOf(declaration), settings, subject),
  });
}

/** Returns the codec of targets that are read at a resolution and share items. */
function seriesCodec(
  fine: Resolution,
  { targetsPerItem, optional }: Pick<SeriesSource, 'targetsPerItem' | 'optional'>,
): StateCodec<SeriesState> {
  const limits = seriesLimits(fine, targetsPerItem);
  return {
    // Version 1 had a bitmap of intervals for each series. Version 2 had no substitutes.
    stateVersion: 3,
    encode: (states) => encodeSeries(fine, states),
    decode(stored, watermarks) {
      const states = decodeSeries(stored, watermarks);
      return new Map([...states].map(([name, state]) => [name, withRest(configured(state, fine), optional)]));
    },
    sizeBound: (state) => seriesSizeBound(state, limits),
    coveredTo({ watermark, values, spans }) {
      if (optional) return null;
      const isSilent = spans.some(({ emptyFrom }) => emptyFrom !== null);
      return isSilent ? (values?.last ?? null) : watermark;
    },
    largestState: limits.bytes,
  };
}

/**
 * Returns a collector that reads measurement series in windows, by the spans, backlogs and known points of
 * their targets.
 */
function seriesCollector<Settings extends SeriesSettings>(
  source: SeriesSource<Settings>,
  slack: number,
  settings: Settings,
  subject: Subject,
): Collector<SeriesState> {
  const project = projectOf(subject);
  const fine = resolutionOf(settings.granularity);
  const { table, targetColumn, optional, fetch } = source;
  const collection: Collection = {
    source: { table, targetColumn, fetch, ...(optional && { optional }) },
    project,
    fine,
    limits: seriesLimits(fine, source.targetsPerItem),
    settle: settings.settle,
    slack,
    selects: (measurement) => source.selects?.(settings, measurement) ?? true,
  };
  const rowTarget = (row: StoredRow) =>
    `${row['process_id']}/${targetColumn === null ? '' : row[targetColumn]}`;
  return {
    listSources: (atlas, known) => source.listSources(atlas, subject, known),
    listTargets: (atlas, { id }) => source.listTargets(atlas, project, processId(id)),
    firstState({ tick, now }) {
      const from = floorTo(Math.min(tick, now) - settings.backfill, fine.step);
      return withRest(newSeries(fine, from), optional);
    },
    nextStep: (target, time) => nextStep(collection, target, time),
    dormant,
    furthest,
    pulledBack,
    rereading: {
      // Atlas keeps days forever.
      retention: null,
      isRetentionKnown: true,
      settle: settings.settle,
      readTo: seriesReadTo,
      mismatch: granularityMismatch,
      begin: ({ state }, period) => beginSeries(state, period, fine),
      bounded: boundedSeries,
      nextStep: (target, time) => nextStep(withoutRest(collection), target, time),
      unread: unreadSeries,
      timeOf: intervalOf,
      fills: canBeFilled,
      withRows: (state, rows) =>
        fitted(withRows(state, rows), collection.limits.bytes, (its) =>
          seriesSizeBound(its, collection.limits),
        ).state,
      clash: 'covered',
      marksOf: intervalMarker(fine, rowTarget),
      comparison: (_rows, lake) => (row) => isAtOneResolution(row, rowTarget(row), lake),
    },
    ...(source.concurrency !== undefined && { concurrency: source.concurrency }),
  };
}

/** What the steps of all targets have in common. */
interface Collection extends Pick<ReadingPlan, 'settle' | 'slack' | 'selects'> {
  source: Pick<SeriesSource, 'table' | 'targetColumn' | 'fetch' | 'optional'>;
  project: ProjectId;
  fine: Resolution;
  limits: SeriesLimits;
}

/** Returns a collection that leaves no target unread: all of a period of the past is read at once. */
function withoutRest(collection: Collection): Collection {
  const { optional } = collection.source;
  if (!optional) return collection;
  return { ...collection, source: { ...collection.source, optional: { ...optional, restMs: 0 } } };
}

function nextStep(
  { source, project, fine, limits, settle, slack, selects }: Collection,
  target: Target<SeriesState>,
  time: RunTime,
): Step<SeriesState> | null {
  // While the substitute has the data, it is read.
  if (isExpired(target, fine.substitute ?? fine, time)) {
    const { state, gaps } = expired(target, fine);
    return gaps.length > 0 ? async () => ({ state, tables: [], gaps }) : null;
  }
  const { table, targetColumn, optional } = source;
  const plan = { settle, jitter: jitterOf(target), slack, selects };
  const advanceTo =
    optional && isResting(target, settle, optional, time)
      ? { ...time, tick: Number.NEGATIVE_INFINITY }
      : advanceTime(target, { interval: fine.step }, settle, time);
  const task = nextTask(requestedAgain(target.state, fine, time), plan, time, advanceTo);
  if (!task) return null;
  if (task.kind === 'record') {
    const { state, gaps } = task;
    return async () => ({ state, tables: [], gaps });
  }
  return async (atlas, clock) => {
    // Before the request, because a refusal gives up the final checks of earlier times.
    const checked = withMissedFinalChecks(task.state, time.now);
    const fetch = (window: MeasurementWindow) =>
      source.fetch(atlas, { project, process: processId(target.source), name: target.name }, window);
    const request = {
      window: task.window,
      state: checked.state,
      time,
      plan,
      maxSeries: limits.series,
      isListed: target.missingSince === null,
      fetch: optional ? orEmpty(task.state, optional, fetch) : fetch,
      clock,
    };
    const { state, points, gaps } = await readWindow(request);
    const fitting = fitted(state, limits.bytes, (state) => seriesSizeBound(state, limits));
    const at = clock();
    const { granularity } = task.window.resolution;
    const common = {
      ...processValues(project, target),
      ...(targetColumn !== null && { [targetColumn]: target.name }),
    };
    const after = withRest(fitting.state, optional);
    const isRead = optional && task.window.purpose === 'advance';
    const rests = isRead && isResting({ ...target, state: after }, settle, optional, time);
    return {
      state: after,
      tables: [{ table, rows: points.map((point) => pointRow(common, point, granularity, at)) }],
      gaps,
      warnings: [
        ...(checked.missed ? [MISSED] : []),
        ...(fitting.shortened ? [FORGOTTEN] : []),
        ...(state.substitutedUntil !== checked.state.substitutedUntil ? [SUBSTITUTED] : []),
        ...(rests ? [optional.note] : []),
      ],
    } satisfies StepResult<SeriesState>;
  };
}

/** Returns how long before Atlas drops values their final check is due: two ticks, so that one missed run has no effect. */
function slackOf({ everyMinutes }: Pick<DatasetDeclaration, 'everyMinutes'>): number {
  return Math.max(2 * everyMinutes * MINUTE, LEAST_SLACK);
}

/** Returns the jitter of a target's final checks, which is the same in every run. */
function jitterOf(target: TargetKey): number {
  const digest = createHash('sha256').update(targetLabel(target)).digest();
  return digest.readUInt32BE(0) % JITTER;
}
