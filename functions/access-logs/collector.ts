import { wholeListing } from '../../shared/atlas/listing.ts';
import { floorTo, SECOND } from '../../shared/durations.ts';
import { type Collector, defineDataset, SELF } from '../../shared/engine/dataset.ts';
import { heldFrom } from '../../shared/histories/documented-retention.ts';
import { emptyLookback } from '../../shared/histories/lookback.ts';
import { historyRereading } from '../../shared/histories/rereading.ts';
import { type HistoryState, newHistory, pulledBack } from '../../shared/histories/state.ts';
import { isBehind, settledTime } from '../../shared/histories/windows.ts';
import { projectOf, type Subject } from '../../shared/ids.ts';
import { isUnavailableToday } from '../../shared/sources/availability.ts';
import { listHosts } from '../../shared/sources/processes.ts';
import { advanceTime, isExpired, lostWithTarget } from '../../shared/sources/retention.ts';
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
  const nextStep: Collector<HistoryState>['nextStep'] = (target, time) => {
    const { state } = target;
    const gap = state.idle ? null : lostWithTarget(target, HOLDING, time);
    if (gap) {
      const after = { ...state, watermark: gap.to, lookback: emptyLookback(gap.to) };
      return async () => ({ state: after, tables: [], gaps: [gap] });
    }
    if (isExpired(target, HOLDING, time) || isUnavailableToday(state, time.now)) return null;
    const settled = settledTime(advanceTime(target, HOLDING, settings.settle, time), settings.settle);
    if (!isBehind(state, settled)) return null;
    return (atlas, clock) => reading.step({ target, state, startedAt: time.now, settled, atlas, clock });
  };
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
    dormant: (state) => ({ ...state, lookback: emptyLookback(state.watermark), reading: null }),
    // One response can be 20 MB, so only one is in memory at a time.
    concurrency: 1,
  };
}
