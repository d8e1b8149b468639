import { slowQueriesDataset } from '../../../functions/slow-queries/collector.ts';
import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { ListRemarks } from '../../../shared/atlas/items.ts';
import { SessionRemarks } from '../../../shared/atlas/remarks.ts';
import { readSlowQueries } from '../../../shared/atlas/schemas/slow-queries.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { type Gap, type Measure, SELF } from '../../../shared/engine/dataset.ts';
import type { ProjectId, Subject } from '../../../shared/ids.ts';
import type { AnyRow } from '../../../shared/lake/table.ts';
import { targetOf } from '../../support/target.ts';

const PROJECT: Subject = { kind: 'project', id: '6a793f5cc0eb9e7a177147ec' as ProjectId };
const PROCESS = 'host.example:27017';

/** A slow query that a test makes up; ms since 1970. */
export interface MadeQuery {
  time: number;
  /** A literal value of the query. */
  value: string;
  visibleFrom?: number;
  /** Replaces the whole line. */
  line?: string | null;
  /** What Atlas says beside the line. */
  beside?: object;
}

/** Where Atlas's behaviour is not documented. */
export interface Behaviour {
  /** How long lines stay readable, ms. */
  retention: number;
  areEndsIncluded: boolean;
  isOldestFirst: boolean;
}

/** What runs have written and requested. */
export interface Written {
  rows: AnyRow[];
  gaps: Gap[];
  measures: Measure[];
  warnings: string[];
  requests: number;
}

/** Collects the slow queries of one process run by run. Between two runs only the stored state remains. */
export class ProcessHistory {
  readonly queries: MadeQuery[];
  readonly #behaviour: Behaviour;
  #stored: { watermark: number; content: Document } | null = null;

  constructor(queries: readonly MadeQuery[], behaviour: Partial<Behaviour> = {}) {
    this.queries = [...queries];
    this.#behaviour = {
      retention: Number.POSITIVE_INFINITY,
      areEndsIncluded: true,
      isOldestFirst: false,
      ...behaviour,
    };
  }

  /** The stored state as text. */
  get stored(): string {
    return JSON.stringify(this.#stored?.content, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
  }

  async run(
    tick: number,
    settings: Partial<typeof slowQueriesDataset.defaults> = {},
    answer = (span: { start: number; end: number }) => this.#answer(span, tick),
  ): Promise<Written> {
    const written: Written = { rows: [], gaps: [], measures: [], warnings: [], requests: 0 };
    const atlas: Pick<AtlasSession, 'slowQueries'> = {
      slowQueries: async (_project, _process, span) => {
        written.requests += 1;
        const list = answer(span);
        return readSlowQueries(list, new ListRemarks('slowQueries', ['slowQueries'], new SessionRemarks()));
      },
    };
    await this.#steps(tick, { ...slowQueriesDataset.defaults, ...settings }, atlas, written);
    return written;
  }

  #steps(
    tick: number,
    settings: typeof slowQueriesDataset.defaults,
    atlas: Pick<AtlasSession, 'slowQueries'>,
    written: Written,
  ): Promise<void> {
    return slowQueriesDataset.withCollector(settings, PROJECT, async (collector, codec) => {
      const time = { tick, now: tick };
      const stored = this.#stored;
      const decoded =
        stored &&
        codec
          .decode(stored.content, new Map([[SELF, stored.watermark]]), codec.stateVersion, PROCESS)
          .get(SELF);
      let state = decoded ?? collector.firstState(time, SELF);
      for (;;) {
        const step = collector.nextStep(targetOf(state, { source: PROCESS, listingAt: tick }), time);
        if (!step) break;
        const outcome = await step(atlas as AtlasSession, () => tick);
        for (const { rows } of outcome.tables) written.rows.push(...rows);
        written.gaps.push(...outcome.gaps);
        written.measures.push(...(outcome.measures ?? []));
        written.warnings.push(...(outcome.warnings ?? []));
        state = outcome.state;
      }
      this.#stored = { watermark: state.watermark, content: codec.encode(new Map([[SELF, state]])) };
    });
  }

  #answer(span: { start: number; end: number }, now: number): object[] {
    const { retention, areEndsIncluded, isOldestFirst } = this.#behaviour;
    return this.queries
      .filter(({ time, visibleFrom = 0 }) => visibleFrom <= now && time >= now - retention)
      .filter(({ time }) =>
        areEndsIncluded ? time >= span.start && time <= span.end : time > span.start && time < span.end,
      )
      .sort((a, b) => (isOldestFirst ? a.time - b.time : b.time - a.time))
      .slice(0, 20_000)
      .map((query) => ({
        line: query.line === undefined ? lineOf(query) : query.line,
        namespace: 'shop.orders',
        opType: 'find',
        replicaState: 'PRIMARY',
        metrics: { docsExamined: 10, docsReturned: 1, keysExamined: 0, operationExecutionTime: 412 },
        ...query.beside,
      }));
  }
}

function lineOf({ time, value }: MadeQuery): string {
  return JSON.stringify({
    t: { $date: new Date(time).toISOString() },
    attr: { command: { find: 'orders', filter: { name: value } }, planSummary: 'COLLSCAN' },
  });
}
