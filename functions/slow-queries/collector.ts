import { wholeListing } from '../../shared/atlas/listing.ts';
import { floorTo, SECOND } from '../../shared/durations.ts';
import { type Collector, defineDataset, SELF } from '../../shared/engine/dataset.ts';
import { emptyLookback } from '../../shared/histories/lookback.ts';
import { ANY_AGE, historyRereading, PROOF } from '../../shared/histories/rereading.ts';
import { KEPT } from '../../shared/histories/shown-retention.ts';
import { pulledBack } from '../../shared/histories/state.ts';
import { isBehind, settledTime } from '../../shared/histories/windows.ts';
import { projectOf, type Subject } from '../../shared/ids.ts';
import { isUnavailableToday } from '../../shared/sources/availability.ts';
import { processSources } from '../../shared/sources/processes.ts';
import { advanceTime, isExpired, lostWithTarget } from '../../shared/sources/retention.ts';
import { type SlowQueriesSettings, slowQueriesDeclaration } from './declaration.ts';
import { SlowQueryReader } from './reader.ts';
import { newSlowQueries, type SlowQueriesState, slowQueriesCodec } from './state.ts';

const OTHER_REDACTION = 'the setting redact has changed since slow queries were collected last';

const HOLDING = { retention: KEPT, interval: SECOND };

export const slowQueriesDataset = defineDataset(slowQueriesDeclaration, {
  codec: () => slowQueriesCodec,
  collector: slowQueriesCollector,
});

const listProcesses = processSources({ except: [] });

/** Collects the slow queries of each process, window by window. */
function slowQueriesCollector(settings: SlowQueriesSettings, subject: Subject): Collector<SlowQueriesState> {
  const reader = new SlowQueryReader(settings, projectOf(subject));
  const nextStep: Collector<SlowQueriesState>['nextStep'] = (target, time) => {
    const { state } = target;
    const gap = state.idle ? null : lostWithTarget(target, HOLDING, time);
    if (gap) {
      const after = { ...state, watermark: gap.to, lookback: emptyLookback(gap.to) };
      return async () => ({ state: after, tables: [], gaps: [gap] });
    }
    if (isExpired(target, HOLDING, time) || isUnavailableToday(state, time.now)) return null;
    const settled = settledTime(advanceTime(target, HOLDING, settings.settle, time), settings.settle);
    if (!isBehind(state, settled)) return null;
    return (atlas, clock) => reader.step({ target, state, startedAt: time.now, settled, atlas, clock });
  };
  return {
    listSources: (atlas, known) => listProcesses(atlas, subject, known),
    // Each process is one target without a name of its own.
    listTargets: async () => wholeListing([SELF]),
    firstState: ({ tick, now }) =>
      newSlowQueries(floorTo(Math.min(tick, now) - settings.backfill, SECOND), settings.redact),
    nextStep,
    pulledBack,
    rereading: {
      ...historyRereading(['process_id']),
      retention: null,
      settle: settings.settle,
      mismatch: ({ begun, isRedacted }) => (begun && isRedacted !== settings.redact ? OTHER_REDACTION : null),
      isRetentionKnown: false,
      begin: (_target, { from }) => ({
        ...newSlowQueries(from - PROOF, settings.redact),
        shownAge: ANY_AGE,
      }),
      nextStep,
    },
    dormant: (state) => ({ ...state, lookback: emptyLookback(state.watermark), reading: null }),
    // One response can be 64 MB, so only one is in memory at a time.
    concurrency: 1,
  };
}
