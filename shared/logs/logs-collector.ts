import type { HostLog } from '../atlas/api.ts';
import { wholeListing } from '../atlas/listing.ts';
import { DAY, floorTo, SECOND } from '../durations.ts';
import type { TargetKey } from '../engine/cursor.ts';
import { type Collector, type Dataset, defineDataset } from '../engine/dataset.ts';
import type { DatasetDeclaration } from '../engine/declaration.ts';
import { heldFrom } from '../histories/documented-retention.ts';
import { emptyLookback } from '../histories/lookback.ts';
import { historyRereading } from '../histories/rereading.ts';
import { pulledBack } from '../histories/state.ts';
import { isBehind, settledTime } from '../histories/windows.ts';
import { projectOf, type Subject } from '../ids.ts';
import { isUnavailableToday } from '../sources/availability.ts';
import { listHosts, processKindsOf } from '../sources/processes.ts';
import { advanceTime, isExpired, lostWithTarget } from '../sources/retention.ts';
import type { LogKind } from './log-kind.ts';
import { LogsReader } from './reader.ts';
import { type LogSettings, RETENTION } from './settings.ts';
import { type LogState, logsCodec, newLog } from './state.ts';

const HOLDING = { retention: RETENTION, interval: SECOND };

/** Returns the dataset of one kind of log. Each log of a host is a target. */
export function logsDataset(
  declaration: DatasetDeclaration<LogSettings>,
  kind: LogKind,
): Dataset<LogSettings> {
  return defineDataset(declaration, {
    codec: () => logsCodec,
    collector: (settings, subject) => logsCollector(settings, subject, kind),
  });
}

function logsCollector(settings: LogSettings, subject: Subject, kind: LogKind): Collector<LogState> {
  const reader = new LogsReader(kind, settings, projectOf(subject));
  const nextStep: Collector<LogState>['nextStep'] = (target, time) => {
    const { state } = target;
    const gap = state.idle ? null : lostWithTarget(target, HOLDING, time);
    if (gap) {
      const after = { ...state, watermark: gap.to, lookback: emptyLookback(gap.to) };
      return async () => ({ state: after, tables: [], gaps: [gap] });
    }
    const log = logOf(target, kind);
    if (!log || isExpired(target, HOLDING, time) || isUnavailableToday(state, time.now)) return null;
    const settled = settledTime(advanceTime(target, HOLDING, settings.settle, time), settings.settle);
    if (!isBehind(state, settled)) return null;
    return (atlas, clock) => reader.step({ target, state, log, startedAt: time.now, settled, atlas, clock });
  };
  return {
    listSources: (atlas, known) => listHosts(atlas, subject, known, { withKinds: true }),
    async listTargets(_atlas, { attributes }) {
      const kinds = processKindsOf(attributes);
      // A host without data does not show which processes it has.
      return kinds.length === 0 ? null : wholeListing(kinds.map((one) => kind.logNames[one]));
    },
    firstState({ tick, now }) {
      const wanted = floorTo(Math.min(tick, now) - settings.backfill, SECOND);
      return newLog(Math.max(wanted, heldFrom(now, RETENTION)));
    },
    nextStep,
    pulledBack,
    rereading: {
      ...historyRereading(['hostname', 'log_name']),
      retention: RETENTION,
      isRetentionKnown: true,
      settle: settings.settle,
      // A day is read from its start, because its volume is limited.
      begin: (_target, { from }) => ({ ...newLog(floorTo(from, DAY)), begun: true }),
      nextStep,
    },
    dormant: (state) => ({ ...state, lookback: emptyLookback(state.watermark), reading: null }),
    // A window can take a hundred megabytes, so only one is in memory at a time.
    concurrency: 1,
  };
}

function logOf({ source, name }: TargetKey, { logNames }: LogKind): HostLog | null {
  const logName = Object.values(logNames).find((one) => one === name);
  return logName === undefined ? null : { hostname: source, logName };
}
