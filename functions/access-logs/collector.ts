import { wholeListing } from '../../shared/atlas/listing.ts';
import { floorTo, SECOND } from '../../shared/durations.ts';
import { type Collector, defineDataset, SELF } from '../../shared/engine/dataset.ts';
import { heldFrom } from '../../shared/histories/documented-retention.ts';
import { historySteps } from '../../shared/histories/next-step.ts';
import { historyRereading } from '../../shared/histories/rereading.ts';
import { dormant, type HistoryState, newHistory, pulledBack } from '../../shared/histories/state.ts';
import { projectOf, type Subject } from '../../shared/ids.ts';
import { listHosts } from '../../shared/sources/processes.ts';
import { type AccessLogsSettings, accessLogsDeclaration } from './declaration.ts';
import { HistoryReader } from './reader.ts';
import { historiesCodec } from './state.ts';
import { RETENTION } from './windows.ts';

const HOLDING = { retention: RETENTION, interval: SECOND };

export const accessLogsDataset = defineDataset(accessLogsDeclaration, {
  codec: () => historiesCodec,
  collector: accessLogsCollector,
});

/** Collects the access history of each host, window by window. */
function accessLogsCollector(settings: AccessLogsSettings, subject: Subject): Collector<HistoryState> {
  const reading = new HistoryReader(settings, projectOf(subject));
  const nextStep = historySteps<HistoryState>(
    HOLDING,
    settings.settle,
    (next) => (atlas, clock) => reading.step({ ...next, atlas, clock }),
  );
  return {
    listSources: (atlas, known) => listHosts(atlas, subject, known),
    // Each host is one target without a name of its own.
    listTargets: async () => wholeListing([SELF]),
    firstState({ tick, now }) {
      const wanted = floorTo(Math.min(tick, now) - settings.backfill, SECOND);
      return newHistory(Math.max(wanted, heldFrom(now, RETENTION)));
    },
    nextStep,
    pulledBack,
    rereading: {
      ...historyRereading(['hostname']),
      retention: RETENTION,
      isRetentionKnown: true,
      settle: settings.settle,
      begin: (_target, { from }) => ({ ...newHistory(from), begun: true }),
      nextStep,
    },
    dormant,
    // One response can be 20 MB, so only one is in memory at a time.
    concurrency: 1,
  };
}
