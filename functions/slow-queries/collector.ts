import { wholeListing } from '../../shared/atlas/listing.ts';
import { floorTo, SECOND } from '../../shared/durations.ts';
import { type Collector, defineDataset, SELF } from '../../shared/engine/dataset.ts';
import { historySteps } from '../../shared/histories/next-step.ts';
import { ANY_AGE, historyRereading, PROOF } from '../../shared/histories/rereading.ts';
import { KEPT } from '../../shared/histories/shown-retention.ts';
import { dormant, pulledBack } from '../../shared/histories/state.ts';
import { projectOf, type Subject } from '../../shared/ids.ts';
import { processSources } from '../../shared/sources/processes.ts';
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
  const nextStep = historySteps<SlowQueriesState>(
    HOLDING,
    settings.settle,
    (next) => (atlas, clock) => reader.step({ ...next, atlas, clock }),
  );
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
    dormant,
    // One response can be 64 MB, so only one is in memory at a time.
    concurrency: 1,
  };
}
