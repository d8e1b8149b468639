import { wholeListing } from '../../shared/atlas/listing.ts';
import { floorTo, SECOND } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { type Collector, collector, SELF } from '../../shared/engine/dataset.ts';
import { emptyOverlap } from '../../shared/histories/overlap.ts';
import { type HistoryState, historySize, newHistory, pulledBack } from '../../shared/histories/state.ts';
import { isBehind, settledTime } from '../../shared/histories/windows.ts';
import { listHosts } from '../../shared/sources/processes.ts';
import { forwardTime, isExpired, lostWithTarget } from '../../shared/sources/retention.ts';
import { isUnavailableToday } from '../../shared/sources/unavailable-until.ts';
import { type AccessLogsSettings, accessLogsDeclaration } from './declaration.ts';
import { HistoryReader } from './reader.ts';
import { decodeHistories, encodeHistories, HISTORIES_VERSION } from './state.ts';
import { heldFrom, RETENTION } from './windows.ts';

const HOLDING = { retention: RETENTION, interval: SECOND };

export const accessLogsDataset: Dataset<AccessLogsSettings> = {
  ...accessLogsDeclaration,
  collector: accessLogsCollector,
};

/** Collects the access history of each host, window by window. */
function accessLogsCollector(settings: AccessLogsSettings): Collector {
  const reading = new HistoryReader(settings);
  return collector<HistoryState>({
    listSources: listHosts,
    // Each host is one target without a name of its own.
    listTargets: async () => wholeListing([SELF]),
    firstState(_target, { tick, now }) {
      const wanted = floorTo(Math.min(tick, now) - settings.backfill, SECOND);
      return newHistory(Math.max(wanted, heldFrom(now)));
    },
    nextStep(target, time) {
      const { state } = target;
      const gap = state.idle ? null : lostWithTarget(target, HOLDING, time);
      if (gap) {
        const after = { ...state, watermark: gap.to, overlap: emptyOverlap(gap.to) };
        return async () => ({ state: after, tables: [], gaps: [gap] });
      }
      if (isExpired(target, HOLDING, time) || isUnavailableToday(state, time.now)) return null;
      const settled = settledTime(forwardTime(target, HOLDING, settings.settle, time), settings.settle);
      if (!isBehind(state, time.now, settled)) return null;
      return (atlas, clock) => reading.step({ target, run: time.now, settled, atlas, clock });
    },
    stateVersion: HISTORIES_VERSION,
    encode: encodeHistories,
    decode: decodeHistories,
    pulledBack,
    sizeBound: historySize,
    dormant: (state) => ({ ...state, overlap: emptyOverlap(state.watermark), reading: null }),
    // One response can be 20 MB, so only one is in memory at a time.
    concurrency: 1,
  });
}
