import { MINUTE, SECOND } from '../shared/durations.ts';
import type { RunProgress } from '../shared/engine/run-result.ts';
import type { RunSummary } from './run-summary.ts';
import { grouped } from './words.ts';

/** The rate is the mean of this time, ms. */
const RATE_OVER = 10 * SECOND;

/** An estimate from less than this share of the work, or less time, would jump. */
const MIN_SHARE = 0.05;
const MIN_TIME = 5 * SECOND;

/** Adds up the progress of all runs, and foresees the end. Times are ms of any steady clock. */
export class TotalProgress {
  #name = '';
  /** When the first step with a known share began, and at which share. */
  #began: { at: number; share: number } | null = null;
  #share: number | null = null;
  /** Rows of finished runs. */
  #finished = 0;
  readonly #running = new Map<string, number>();
  /** Rows at earlier times, oldest first. */
  readonly #history: Array<{ at: number; rows: number }> = [];

  step(name: string, share: number | null, at: number): void {
    this.#name = name;
    this.#share = share;
    if (share === null) this.#began = null;
    else this.#began ??= { at, share };
  }

  update({ dataset, subject, rows }: RunProgress): void {
    const key = `${dataset}/${subject.id}`;
    const before = this.#running.get(key) ?? 0;
    // Another run has begun, such as that of a backfill's next day.
    if (rows < before) this.#finished += before;
    this.#running.set(key, rows);
  }

  /** Ends a run. Its summary may contain earlier runs of the same tick, so only the rows that were shown count. */
  finished({ dataset, project }: RunSummary): void {
    const key = `${dataset}/${project}`;
    this.#finished += this.#running.get(key) ?? 0;
    this.#running.delete(key);
  }

  /** Returns one line: the step, rows so far, rows a second, and the time left if it can be foreseen. */
  line(at: number): string {
    const rows = this.#finished + [...this.#running.values()].reduce((sum, one) => sum + one, 0);
    const parts = [`${grouped(rows)} rows`, `${grouped(this.#rate(at, rows))} rows/s`];
    const left = this.#left(at);
    if (left !== null) parts.push(`about ${left} left`);
    return `${this.#name === '' ? '' : `${this.#name}: `}${parts.join(', ')}`;
  }

  #rate(at: number, rows: number): number {
    this.#history.push({ at, rows });
    while ((this.#history[1]?.at ?? at) < at - RATE_OVER) this.#history.shift();
    const [oldest] = this.#history;
    return oldest && at > oldest.at ? Math.round(((rows - oldest.rows) * SECOND) / (at - oldest.at)) : 0;
  }

  #left(at: number): string | null {
    if (this.#began === null || this.#share === null) return null;
    const done = this.#share - this.#began.share;
    const elapsed = at - this.#began.at;
    if (done < MIN_SHARE || elapsed < MIN_TIME) return null;
    const left = (elapsed * (1 - this.#share)) / done;
    return left < MINUTE ? `${Math.ceil(left / SECOND)} s` : `${Math.ceil(left / MINUTE)} min`;
  }
}
