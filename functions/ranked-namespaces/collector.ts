import type { AtlasSession } from '../../shared/atlas/api.ts';
import { wholeListing } from '../../shared/atlas/listing.ts';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { Target } from '../../shared/engine/cursor.ts';
import { defineDataset, type Gap, SELF, type Step, type StepResult } from '../../shared/engine/dataset.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import { type ProjectId, processId, projectOf } from '../../shared/ids.ts';
import { utcDay } from '../../shared/lake/format.ts';
import { isUnavailableToday, precedesRefusal } from '../../shared/sources/availability.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { advanceTime, isExpired, lostWithTarget, type Retention } from '../../shared/sources/retention.ts';
import { type RankedNamespacesSettings, rankedNamespacesDeclaration } from './declaration.ts';
import { readHour } from './reading.ts';
import { namespaceMeasurementRows, rankedNamespaceRows } from './rows.ts';
import { newState, pulledBack, type RankedNamespacesState, rankedNamespacesCodec } from './state.ts';
import { namespaceMeasurements, rankedNamespaces } from './tables.ts';
import { failingFor, type HourTask, hourFailed, hourRead, hoursSkipped, nextTask } from './tasks.ts';

/**
 * Each step reads several namespaces at a time. Together this is about as many requests as other datasets have in
 * flight.
 */
const CONCURRENT_STEPS = 2;

/** How long a process is read after it is no longer listed: as long as for its other data. */
const HOLDING: Retention = { retention: 48 * HOUR, interval: MINUTE };

/** A mongos serves no collections. */
const listProcesses = processSources({ except: ['SHARD_MONGOS'] });

/**
 * The namespaces of each mongod by execution time, hour by hour, and the measurements of the first ones. Config servers
 * are included: since MongoDB 8.0 they may hold user collections, and an empty one costs little.
 */
export const rankedNamespacesDataset = defineDataset<RankedNamespacesSettings, RankedNamespacesState>(
  rankedNamespacesDeclaration,
  {
    codec: () => rankedNamespacesCodec,
    collector: ({ settle, backfill, namespaces }, subject) => ({
      listSources: (atlas, known) => listProcesses(atlas, subject, known),
      // The only target is the process itself.
      listTargets: async () => wholeListing([SELF]),
      firstState: (time) => newState(time, backfill),
      nextStep(target, time) {
        const { state } = target;
        if (isExpired(target, HOLDING, time)) return goneStep(target, time);
        if (isUnavailableToday(state, time.now)) return null;
        const advanceTo = advanceTime(target, { interval: HOUR }, settle, time);
        const task = nextTask(state, { settle, backfill }, time, advanceTo);
        if (!task) return null;
        if (task.kind === 'skip') return skipStep(state, task.gap);
        return (atlas, collectedAt) =>
          read(atlas, projectOf(subject), target, task, { namespaces, settle }, time, collectedAt);
      },
      pulledBack,
      concurrency: CONCURRENT_STEPS,
    }),
  },
);

async function read(
  atlas: AtlasSession,
  project: ProjectId,
  target: Target<RankedNamespacesState>,
  { hour, missed }: Extract<HourTask, { kind: 'read' }>,
  { namespaces, settle }: Pick<RankedNamespacesSettings, 'namespaces' | 'settle'>,
  time: RunTime,
  collectedAt: () => number,
): Promise<StepResult<RankedNamespacesState>> {
  const { state } = target;
  const response = await readHour(
    atlas,
    { project, process: processId(target.source) },
    hour,
    namespaces,
    failingFor(state, hour, time),
    collectedAt,
  );
  if (response.kind === 'failed') {
    return { state: hourFailed(state, hour, time), tables: [], gaps: [], failures: [response.failure] };
  }
  if (response.kind === 'unavailable') {
    const warning = `a process gives no ranked namespaces, and is asked again tomorrow: Atlas answers ${response.reason}`;
    return {
      state: { ...state, unavailableOn: utcDay(time.now), idle: true },
      tables: [],
      gaps: [],
      warnings: [warning],
    };
  }
  const gap = (reason: string): Gap => ({ from: hour, to: hour + HOUR, reason });
  const before = missed ? [missed] : [];
  if (response.kind === 'lost') {
    // An hour before the watermark was already answered: it was empty, unless measurements of it failed later.
    const isKnown = !state.failing.has(hour) && (hour < state.watermark || precedesRefusal(state, hour));
    const gaps = isKnown ? before : [...before, gap(response.reason)];
    return { state: hourRead(state, hour, { isEmpty: false }, { time, settle }), tables: [], gaps };
  }
  const { ranked, points, lost, isGivenUp } = response;
  const missing = lost.length > 0 ? [`measurements that Atlas does not give: ${lost.join(', ')}`] : [];
  const unreadable = ranked.filter((name) => name === null).length;
  if (unreadable > 0) missing.unshift(`${unreadable} names that cannot be read`);
  const at = collectedAt();
  return {
    state: hourRead(state, hour, { isEmpty: ranked.length === 0, isGivenUp }, { time, settle }),
    tables: [
      { table: rankedNamespaces, rows: rankedNamespaceRows(project, target, hour, ranked, at) },
      { table: namespaceMeasurements, rows: namespaceMeasurementRows(project, target, points, at) },
    ],
    // One gap per hour, whatever is missing: gaps are identified by target and time.
    gaps: missing.length > 0 ? [...before, gap(missing.join('; '))] : before,
  };
}

const NEVER_MEASURED = 'names were ranked, and requests for their measurements failed until the end';

/** Returns a step that records, once, the unread data of a process that has left. */
function goneStep(target: Target<RankedNamespacesState>, time: RunTime): Step<RankedNamespacesState> | null {
  const gap = lostWithTarget(target, HOLDING, time);
  return gap && target.state.unavailableOn === null ? skipStep(target.state, gap) : null;
}

/** Returns a step that skips the time of a gap, and the hours before it whose measurements fail. */
function skipStep(state: RankedNamespacesState, gap: Gap): Step<RankedNamespacesState> {
  const failing = [...state.failing.keys()].filter((hour) => hour < gap.from);
  const before = failing.map((from) => ({ from, to: from + HOUR, reason: NEVER_MEASURED }));
  return async () => ({ state: hoursSkipped(state, gap.to), tables: [], gaps: [...before, gap] });
}
