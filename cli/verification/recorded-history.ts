import { type CommitRecord, type GivenUpBatch, isGivenUp } from '../../shared/cursors/commit-record.ts';
import { isFirstItem } from '../../shared/engine/cursor.ts';
import { collectedBy } from '../../shared/engine/run-statistics.ts';
import { UNREADABLE, type Unreadable } from './damage.ts';
import { isCommitted } from './lake-source.ts';

/** What the lake says about a batch. */
export type Decision = CommitRecord | GivenUpBatch | Unreadable;

/** Numbers of batches without a record. */
export interface MissingNumbers {
  first: number;
  count: number;
}

/**
 * What the records of a dataset and project say together. The lake decides each number before the next one is used, so
 * a number that is missing had a record. Only a new cursor table skips numbers: it gives up the number after the last
 * one, and the number that it starts from. 0.1.0 did not mark these numbers, so what follows its records is not judged.
 */
export class RecordedHistory {
  /** The last number that was recorded or given up. */
  last: number | null = null;
  lastRecorded: number | null = null;
  readonly missing: MissingNumbers[] = [];
  /** The first items of the cursors that these batches stored. No run deletes them. */
  readonly cursors = new Set<string>();
  readonly #committed: number | null;
  /** Whether a new table may have given up the last number. */
  #mayEnd = false;
  #isMarked = false;

  /** @param committed the last batch in the cursor table, which was read before the records; null if unknown */
  constructor(committed: number | null) {
    this.#committed = committed;
  }

  /** Adds the batches in order. */
  add(batch: number, decision: Decision): void {
    this.#lookBefore(batch, decision);
    this.last = batch;
    this.#mayEnd = !isCommitted(decision);
    this.#isMarked ||= marksNumbers(decision);
    if (!isCommitted(decision)) return;
    this.lastRecorded = batch;
    if (batch > (this.#committed ?? 0)) return;
    for (const { id, content } of decision.cursors) {
      if (!isFirstItem(id)) continue;
      if (content === null) this.cursors.delete(id);
      else this.cursors.add(id);
    }
  }

  /** Ends the history: the last batch in the cursor table was decided, too. */
  end(): void {
    const committed = this.#committed ?? 0;
    if (this.#isMarked && this.last !== null && committed > this.last)
      this.missing.push({ first: this.last + 1, count: committed - this.last });
  }

  /** Adds the numbers that are missing before this one. */
  #lookBefore(batch: number, decision: Decision): void {
    const isRecord = isCommitted(decision);
    if (this.last === null) {
      if (isRecord && marksNumbers(decision)) this.missing.push({ first: batch - 1, count: 1 });
      return;
    }
    const first = this.last + 1;
    if (batch === first || !this.#isMarked) return;
    const isStart = decision === UNREADABLE || (!isRecord && marksNumbers(decision));
    // The first run of a table may have died, and its mark may have arrived late, even when the table had another start.
    const isOfDeadRun = isStart && batch > (this.#committed ?? 0);
    if (isStart && (this.#mayEnd || isOfDeadRun)) return;
    // Where a new table starts, only the number after the last one is missing. No batch had the others.
    this.missing.push({ first, count: isStart ? 1 : batch - first });
  }
}

/** Returns whether a version wrote this that marks where a new table skips numbers. 0.1.0 gave up only batches with objects. */
function marksNumbers(decision: Decision): boolean {
  if (decision === UNREADABLE) return false;
  return isGivenUp(decision) ? decision.givenUp.length === 0 : collectedBy(decision.statistics) !== null;
}
