import { accessLogsDataset } from '../../../functions/access-logs/collector.ts';
import type { AccessHistory, AccessLogEntry, AtlasSession } from '../../../shared/atlas/api.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import type { Gap, Measure } from '../../../shared/engine/dataset.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import type { ProjectId, Subject } from '../../../shared/ids.ts';
import { targetOf } from '../../support/target.ts';

const PROJECT: Subject = { kind: 'project', id: '6a793f5cc0eb9e7a177147ec' as ProjectId };
const HOST = 'host.example';

/** What the tests' times are made for, whatever the defaults are. */
const SETTINGS = { ...accessLogsDataset.defaults, settle: 10 * MINUTE, overlap: 2 * MINUTE };

/** An entry of a host that a test makes up; ms since 1970. */
export interface MadeEntry {
  line: string;
  time: number;
  visibleFrom: number;
}

/** Returns the response to a request. */
export type Answer = (span: { start: number; end: number }, now: number) => AccessLogEntry[] | AccessHistory;

/** Answers like Atlas: with the newest readable entries, up to the maximum of a response. */
export function answerOf(entries: readonly MadeEntry[], most = 20_000): Answer {
  return ({ start, end }, now) =>
    entries
      .filter(({ time, visibleFrom }) => time >= start && time <= end && visibleFrom <= now)
      .sort((a, b) => b.time - a.time)
      .slice(0, most)
      .map(({ line, time }) => ({
        timestamp: Math.floor(time / SECOND) * SECOND,
        authResult: true,
        authSource: 'admin',
        failureReason: null,
        ipAddress: '10.0.0.1',
        logLine: line,
        username: 'u',
      }));
}

/** Returns a response whose entries can all be read. */
export function historyOf(entries: readonly AccessLogEntry[]): AccessHistory {
  return { entries: [...entries], given: entries.length, unreadable: [] };
}

/** What runs have written and requested. */
export interface Written {
  lines: string[];
  gaps: Gap[];
  measures: Measure[];
  warnings: string[];
  requests: Array<{ start: number; end: number }>;
}

/** Collects one host run by run. Between two runs only the stored state remains. */
export class HostHistory {
  readonly #answer: Answer;
  #stored: { watermark: number; content: Document } | null = null;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /** Runs once without a request, so that the host is known. */
  meet(tick: number, settings: Partial<typeof accessLogsDataset.defaults> = {}): void {
    const { defaults } = accessLogsDataset;
    accessLogsDataset.withCollector({ ...defaults, ...settings }, PROJECT, (collector, codec) => {
      const state = collector.firstState({ tick, now: tick }, SELF);
      this.#stored = { watermark: state.watermark, content: codec.encode(new Map([[SELF, state]])) };
    });
  }

  /**
   * Runs once.
   *
   * @param steps the maximum number of windows that the run reads, as if its requests were exhausted then
   */
  async run(
    tick: number,
    settings: Partial<typeof accessLogsDataset.defaults> = {},
    steps = Number.POSITIVE_INFINITY,
  ): Promise<Written> {
    const written: Written = { lines: [], gaps: [], measures: [], warnings: [], requests: [] };
    const atlas: Pick<AtlasSession, 'accessHistory'> = {
      accessHistory: async (_project, _hostname, span) => {
        written.requests.push(span);
        const answer = this.#answer(span, tick);
        return Array.isArray(answer) ? historyOf(answer) : answer;
      },
    };
    await this.#steps({ tick, steps }, { ...SETTINGS, ...settings }, atlas, written);
    return written;
  }

  #steps(
    { tick, steps }: { tick: number; steps: number },
    settings: typeof accessLogsDataset.defaults,
    atlas: Pick<AtlasSession, 'accessHistory'>,
    written: Written,
  ): Promise<void> {
    return accessLogsDataset.withCollector(settings, PROJECT, async (collector, codec) => {
      const time = { tick, now: tick };
      const stored = this.#stored;
      const decoded =
        stored &&
        codec
          .decode(stored.content, new Map([[SELF, stored.watermark]]), codec.stateVersion, 'host')
          .get(SELF);
      let state = decoded ?? collector.firstState(time, SELF);
      for (let left = steps; left > 0; left -= 1) {
        const step = collector.nextStep(targetOf(state, { source: HOST, listingAt: tick }), time);
        if (!step) break;
        const outcome = await step(atlas as AtlasSession, () => tick);
        for (const { rows } of outcome.tables) {
          for (const row of rows) written.lines.push(String(row['log_line']));
        }
        written.gaps.push(...outcome.gaps);
        written.measures.push(...(outcome.measures ?? []));
        written.warnings.push(...(outcome.warnings ?? []));
        state = outcome.state;
      }
      this.#stored = { watermark: state.watermark, content: codec.encode(new Map([[SELF, state]])) };
    });
  }
}
