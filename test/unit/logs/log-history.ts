import type { AtlasSession } from '../../../shared/atlas/api.ts';
import { LineSplitter } from '../../../shared/atlas/log-lines.ts';
import { SessionRemarks } from '../../../shared/atlas/remarks.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { SECOND } from '../../../shared/durations.ts';
import { type Dataset, type Gap, type Measure, targetLabel } from '../../../shared/engine/dataset.ts';
import type { ProjectId, Subject } from '../../../shared/ids.ts';
import type { AnyRow } from '../../../shared/lake/table.ts';
import type { LogSettings } from '../../../shared/logs/settings.ts';
import { targetOf } from '../../support/target.ts';

const PROJECT: Subject = { kind: 'project', id: '6a793f5cc0eb9e7a177147ec' as ProjectId };
const HOST = 'host.example';

/** A line that a test makes up, or several with line feeds; ms since 1970. */
export interface MadeLine {
  text: string;
  time: number;
  visibleFrom: number;
}

/** Returns the bytes of the log that Atlas has for a span; of several responses, only the last one is whole. */
export type Answer = (
  span: { start: number; end: number },
  now: number,
) => string | Buffer | readonly string[];

/** Answers like Atlas: with the readable lines of the span, in the order of their times. */
export function answerOf(lines: readonly MadeLine[]): Answer {
  return ({ start, end }, now) =>
    lines
      .filter(({ time, visibleFrom }) => time >= start && time <= end && visibleFrom <= now)
      .toSorted((a, b) => a.time - b.time)
      .map(({ text }) => `${text}\n`)
      .join('');
}

/** Returns a line as MongoDB writes it. */
export function logLine(time: number, message: string): string {
  const date = new Date(time).toISOString().replace('Z', '+00:00');
  return `{"t":{"$date":"${date}"},"s":"I",  "c":"NETWORK",  "id":22943,   "ctx":"listener","msg":"${message}"}`;
}

/** What runs have written and requested. */
export interface Written {
  rows: AnyRow[];
  gaps: Gap[];
  measures: Measure[];
  warnings: string[];
  notes: string[];
  requests: Array<{ start: number; end: number }>;
}

/** Collects one log run by run. Between two runs only the stored state remains. */
export class LogHistory {
  readonly #dataset: Dataset<LogSettings>;
  readonly #name: string;
  readonly #answer: Answer;
  #stored: { watermark: number; content: Document } | null = null;

  constructor(dataset: Dataset<LogSettings>, name: string, answer: Answer) {
    this.#dataset = dataset;
    this.#name = name;
    this.#answer = answer;
  }

  async run(tick: number, settings: Partial<LogSettings> = {}): Promise<Written> {
    const remarks = new SessionRemarks();
    const written: Written = { rows: [], gaps: [], measures: [], warnings: [], notes: [], requests: [] };
    const atlas: Pick<AtlasSession, 'readLog' | 'remarks'> = {
      remarks,
      readLog: async (_project, _log, span, newReader) => {
        written.requests.push(span);
        const answer = this.#answer(span, tick);
        const [whole, ...broken] = (Array.isArray(answer) ? answer : [answer]).toReversed();
        for (const text of broken) new LineSplitter(newReader()).write(Buffer.from(text));
        const splitter = new LineSplitter(newReader());
        const bytes = Buffer.from(whole);
        const pieces = Array.from({ length: Math.ceil(bytes.length / 5_000) }, (_, index) =>
          bytes.subarray(5_000 * index, 5_000 * (index + 1)),
        );
        if (pieces.every((piece) => splitter.write(piece))) splitter.end();
      },
    };
    await this.#steps(tick, { ...this.#dataset.defaults, ...settings }, atlas, written);
    written.notes.push(...remarks.notes);
    return written;
  }

  #steps(
    tick: number,
    settings: LogSettings,
    atlas: Pick<AtlasSession, 'readLog' | 'remarks'>,
    written: Written,
  ): Promise<void> {
    return this.#dataset.withCollector(settings, PROJECT, async (collector, codec) => {
      const name = this.#name;
      const time = { tick, now: tick };
      const stored = this.#stored;
      const decoded =
        stored &&
        codec.decode(stored.content, new Map([[name, stored.watermark]]), codec.stateVersion, HOST).get(name);
      let state = decoded ?? collector.firstState(time, name);
      for (let steps = 0; ; steps += 1) {
        const target = targetOf(state, { source: HOST, name, listingAt: tick });
        const step = collector.nextStep(target, time);
        if (!step) break;
        if (steps > 2_000) throw new Error(`${targetLabel(target)} never ends`);
        const outcome = await step(atlas as AtlasSession, () => tick);
        for (const { rows } of outcome.tables) written.rows.push(...rows);
        written.gaps.push(...outcome.gaps);
        written.measures.push(...(outcome.measures ?? []));
        written.warnings.push(...(outcome.warnings ?? []));
        state = outcome.state;
      }
      this.#stored = { watermark: state.watermark, content: codec.encode(new Map([[name, state]])) };
    });
  }
}

/** Returns when a row's line was logged, in seconds after an instant. */
export function secondsAfter(instant: number, rows: readonly AnyRow[]): number[] {
  return rows.map(({ ts }) => Math.floor((ts - instant) / SECOND));
}
