import { eventsDataset } from '../../../functions/events/collector.ts';
import type { AtlasSession, EventPage } from '../../../shared/atlas/api.ts';
import { ListRemarks } from '../../../shared/atlas/items.ts';
import { readEvents } from '../../../shared/atlas/operations/events.ts';
import { SessionRemarks } from '../../../shared/atlas/remarks.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { SECOND } from '../../../shared/durations.ts';
import { type Gap, type Measure, SELF } from '../../../shared/engine/dataset.ts';
import type { ProjectId, Subject } from '../../../shared/ids.ts';
import { targetOf } from '../../support/target.ts';

const PROJECT: Subject = { kind: 'project', id: '6a793f5cc0eb9e7a177147ec' as ProjectId };

/** An event that a test makes up; ms since 1970. */
export interface MadeEvent {
  id: string;
  time: number;
  visibleFrom?: number;
  isUnreadable?: boolean;
}

/** Where Atlas's behaviour is not documented. */
export interface Behaviour {
  /** How long events stay readable, ms. */
  retention: number;
  /** Whether the ends of a request are included. */
  areEndsIncluded: boolean;
  pageSize: number;
  /** Called before each page. */
  beforePage(pageNum: number): void;
}

/** What runs have written and requested. */
export interface Written {
  ids: string[];
  gaps: Gap[];
  measures: Measure[];
  warnings: string[];
  requests: number;
}

/** Collects the events of one project run by run. Between two runs only the stored state remains. */
export class EventHistory {
  readonly events: MadeEvent[];
  readonly #behaviour: Behaviour;
  #stored: { watermark: number; content: Document } | null = null;
  /** The events, newest first, as long as their number stays the same. */
  #sorted: readonly MadeEvent[] = [];

  constructor(events: readonly MadeEvent[], behaviour: Partial<Behaviour> = {}) {
    this.events = [...events];
    this.#behaviour = {
      retention: Number.POSITIVE_INFINITY,
      areEndsIncluded: true,
      pageSize: 500,
      beforePage: () => {},
      ...behaviour,
    };
  }

  /** Returns the size of what is stored. */
  get storedBytes(): number {
    return JSON.stringify(this.#stored?.content, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    ).length;
  }

  async run(tick: number, settings: Partial<typeof eventsDataset.defaults> = {}): Promise<Written> {
    const written: Written = { ids: [], gaps: [], measures: [], warnings: [], requests: 0 };
    const atlas: Pick<AtlasSession, 'listEvents'> = {
      listEvents: async (_subject, span, pageNum) => {
        written.requests += 1;
        this.#behaviour.beforePage(pageNum);
        return this.#page(span, pageNum, tick);
      },
    };
    await this.#steps(tick, { ...eventsDataset.defaults, ...settings }, atlas, written);
    return written;
  }

  #steps(
    tick: number,
    settings: typeof eventsDataset.defaults,
    atlas: Pick<AtlasSession, 'listEvents'>,
    written: Written,
  ): Promise<void> {
    return eventsDataset.withCollector(settings, PROJECT, async (collector, codec) => {
      const time = { tick, now: tick };
      const stored = this.#stored;
      const decoded =
        stored &&
        codec
          .decode(stored.content, new Map([[SELF, stored.watermark]]), codec.stateVersion, PROJECT.id)
          .get(SELF);
      let state = decoded ?? collector.firstState(time, SELF);
      for (;;) {
        const step = collector.nextStep(targetOf(state, { source: PROJECT.id, listingAt: tick }), time);
        if (!step) break;
        const outcome = await step(atlas as AtlasSession, () => tick);
        for (const { rows } of outcome.tables)
          written.ids.push(...rows.map((row) => String(row['event_id'])));
        written.gaps.push(...outcome.gaps);
        written.measures.push(...(outcome.measures ?? []));
        written.warnings.push(...(outcome.warnings ?? []));
        state = outcome.state;
      }
      this.#stored = { watermark: state.watermark, content: codec.encode(new Map([[SELF, state]])) };
    });
  }

  #page(span: { start: number; end: number }, pageNum: number, now: number): EventPage {
    const { retention, areEndsIncluded, pageSize } = this.#behaviour;
    if (this.#sorted.length !== this.events.length)
      this.#sorted = this.events.toSorted((a, b) => b.time - a.time);
    const shown = this.#sorted
      .filter(({ time, visibleFrom = 0 }) => visibleFrom <= now && time >= now - retention)
      .filter(({ time }) =>
        areEndsIncluded ? time >= span.start && time <= span.end : time > span.start && time < span.end,
      );
    const results = shown.slice((pageNum - 1) * pageSize, pageNum * pageSize).map((event) => ({
      id: event.id,
      eventTypeName: 'ANY',
      ...(!event.isUnreadable && {
        created: new Date(Math.floor(event.time / SECOND) * SECOND).toISOString(),
      }),
    }));
    const page = readEvents(results, new ListRemarks('listEvents', ['results'], new SessionRemarks()));
    // As recorded, no page links to the next one.
    return { ...page, given: results.length, more: results.length >= 500 || results.length === 100 };
  }
}
