import { wholeListing } from '../../shared/atlas/listing.ts';
import { DAY, floorTo, SECOND } from '../../shared/durations.ts';
import { type Collector, defineDataset, SELF } from '../../shared/engine/dataset.ts';
import { historySteps } from '../../shared/histories/next-step.ts';
import { ANY_AGE, historyRereading, PROOF } from '../../shared/histories/rereading.ts';
import { dormant, pulledBack } from '../../shared/histories/state.ts';
import type { Subject } from '../../shared/ids.ts';
import { type EventsSettings, eventsDeclaration } from './declaration.ts';
import { EventReader } from './reader.ts';
import { type EventsState, eventsCodec, newEvents } from './state.ts';

/** How long a project that Atlas no longer shows may come back before what was not read is a gap. */
const AWAITED = { retention: 7 * DAY, interval: SECOND };

export const eventsDataset = defineDataset(eventsDeclaration, {
  codec: () => eventsCodec,
  collector: eventsCollector,
});

/** Collects the events of a project or organisation, window by window. Its list is the only target. */
function eventsCollector(settings: EventsSettings, subject: Subject): Collector<EventsState> {
  const reader = new EventReader(settings, subject);
  const nextStep = historySteps<EventsState>(
    AWAITED,
    settings.settle,
    ({ state, startedAt, settled }) =>
      (atlas, clock) =>
        reader.step({ state, startedAt, settled, atlas, clock }),
  );
  return {
    listSources: async () => wholeListing([{ id: subject.id, attributes: {}, hasData: true }]),
    listTargets: async () => wholeListing([SELF]),
    firstState: ({ tick, now }) => newEvents(floorTo(Math.min(tick, now) - settings.backfill, SECOND)),
    nextStep,
    pulledBack,
    rereading: {
      ...historyRereading([]),
      retention: null,
      settle: settings.settle,
      isRetentionKnown: false,
      begin: (_target, { from }) => ({ ...newEvents(from - PROOF), shownAge: ANY_AGE }),
      nextStep,
    },
    dormant,
    concurrency: 1,
  };
}
