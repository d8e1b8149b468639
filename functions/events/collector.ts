import { wholeListing } from '../../shared/atlas/listing.ts';
import { DAY, floorTo, SECOND } from '../../shared/durations.ts';
import { type Collector, collector, type Dataset, SELF } from '../../shared/engine/dataset.ts';
import { emptyOverlap } from '../../shared/histories/overlap.ts';
import { pulledBack } from '../../shared/histories/state.ts';
import { isBehind, settledTime } from '../../shared/histories/windows.ts';
import { isExpired, lostWithTarget } from '../../shared/sources/retention.ts';
import { isUnavailableToday } from '../../shared/sources/unavailable-until.ts';
import { type EventsSettings, eventsDeclaration } from './declaration.ts';
import { EventReader } from './reader.ts';
import {
  decodeEvents,
  EVENTS_VERSION,
  type EventsState,
  encodeEvents,
  eventsSize,
  newEvents,
} from './state.ts';

/** How long a project that Atlas no longer shows may come back before what was not read is a gap. */
const AWAITED = { retention: 7 * DAY, interval: SECOND };

export const eventsDataset: Dataset<EventsSettings> = {
  ...eventsDeclaration,
  collector: eventsCollector,
};

/** Collects the events of a project or organisation, window by window. Its list is the only target. */
function eventsCollector(settings: EventsSettings): Collector {
  const reader = new EventReader(settings);
  return collector<EventsState>({
    listSources: async (_atlas, subject) => wholeListing([{ id: subject.id, attributes: {}, askable: true }]),
    listTargets: async () => wholeListing([SELF]),
    firstState: (_target, { tick, now }) =>
      newEvents(floorTo(Math.min(tick, now) - settings.backfill, SECOND)),
    nextStep(target, time) {
      const { state } = target;
      const gap = state.idle ? null : lostWithTarget(target, AWAITED, time);
      if (gap) {
        const after = { ...state, watermark: gap.to, overlap: emptyOverlap(gap.to) };
        return async () => ({ state: after, tables: [], gaps: [gap] });
      }
      if (isExpired(target, AWAITED, time) || isUnavailableToday(state, time.now)) return null;
      const settled = settledTime(time, settings.settle);
      if (!isBehind(state, time.now, settled)) return null;
      return (atlas, clock) => reader.step({ target, run: time.now, settled, atlas, clock });
    },
    stateVersion: EVENTS_VERSION,
    encode: encodeEvents,
    decode: decodeEvents,
    pulledBack,
    sizeBound: eventsSize,
    dormant: (state) => ({ ...state, overlap: emptyOverlap(state.watermark), reading: null }),
    concurrency: 1,
  });
}
