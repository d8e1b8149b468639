import type { HostLog } from '../atlas/api.ts';
import { wholeListing } from '../atlas/listing.ts';
import { DAY, floorTo, SECOND } from '../durations.ts';
import type { TargetKey } from '../engine/cursor.ts';
import { type Collector, type Dataset, defineDataset } from '../engine/dataset.ts';
import type { DatasetDeclaration } from '../engine/declaration.ts';
import { heldFrom } from '../histories/documented-retention.ts';
import { historySteps } from '../histories/next-step.ts';
import { historyRereading } from '../histories/rereading.ts';
import { dormant, pulledBack } from '../histories/state.ts';
import { projectOf, type Subject } from '../ids.ts';
import { listHosts, processKindsOf } from '../sources/processes.ts';
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
  const nextStep = historySteps<LogState>(HOLDING, settings.settle, (next) => {
    const log = logOf(next.target, kind);
    return log && ((atlas, clock) => reader.step({ ...next, log, atlas, clock }));
  });
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
    dormant,
    // A window can take a hundred megabytes, so only one is in memory at a time.
    concurrency: 1,
  };
}

function logOf({ source, name }: TargetKey, { logNames }: LogKind): HostLog | null {
  const logName = Object.values(logNames).find((one) => one === name);
  return logName === undefined ? null : { hostname: source, logName };
}
