import type { CursorItem } from '../../shared/cursors/document.ts';
import type { Header, PartitionKey } from '../../shared/cursors/header.ts';
import { DAY } from '../../shared/durations.ts';
import { isFirstItem } from '../../shared/engine/cursor.ts';
import { decodeCursors } from '../../shared/engine/cursor-codec.ts';
import { type Dataset, SELF, targetLabel } from '../../shared/engine/dataset.ts';
import { recordKey } from '../../shared/lake/keys.ts';
import { storedInstant } from '../../shared/lake/stored-rows.ts';
import type { Table } from '../../shared/lake/table.ts';
import { decoded, UNREADABLE, type Unreadable } from './damage.ts';
import type { Findings } from './findings.ts';
import type { LakeSource, StoredHeader } from './lake-source.ts';
import type { RecordedHistory } from './recorded-history.ts';
import type { Checked } from './verify-objects.ts';

/**
 * A disk or database has values at least once a day, until Atlas returns none. If its last row or gap is older by
 * more than this, data is missing that the collector recorded as written.
 */
const MAX_SILENCE = 2 * DAY;

/** The time of the last row or gap, by dataset, project and target. */
export class Reaches {
  readonly #reached = new Map<string, number>();

  /** Records a row of a target's values, or a gap of a target. */
  see(table: Table, row: Readonly<Record<string, unknown>>): void {
    if (table.name === 'collection_gaps') {
      this.#note(String(row['dataset']), row['project_id'], String(row['target']), row['gap_end']);
      return;
    }
    if (table.target === undefined) return;
    const [source, name] = table.target;
    const target = { source: String(row[source]), name: name === undefined ? SELF : String(row[name]) };
    this.#note(table.name, row['project_id'], targetLabel(target), row['ts']);
  }

  of({ dataset, subject: project }: PartitionKey, target: string): number | undefined {
    return this.#reached.get(`${dataset}/${project}/${target}`);
  }

  #note(dataset: string, project: unknown, target: string, timestamp: unknown): void {
    const key = `${dataset}/${String(project)}/${target}`;
    const at = storedInstant(timestamp);
    if (at > (this.#reached.get(key) ?? Number.NEGATIVE_INFINITY)) this.#reached.set(key, at);
  }
}

/** Tells whether a batch is announced that no run works on. A run that holds its lease is still writing it. */
export function hasOrphanedBatch({ pending, holder, leaseUntil }: Header, now: number): boolean {
  return pending !== null && !(holder !== null && leaseUntil > now);
}

/**
 * Checks the header of a dataset and project.
 * @param stored undefined if it has none
 * @param last the last recorded batch, which was read before the header; null if there is none
 */
export function verifyHeader(
  scope: PartitionKey,
  stored: StoredHeader | undefined,
  last: number | null,
  { findings, now }: { findings: Findings; now: number },
): void {
  const header = stored?.header;
  // It is reported by what read it first.
  if (header === UNREADABLE) return;
  const where = { table: scope.dataset, day: null };
  if (header?.pending) {
    if (hasOrphanedBatch(header, now)) {
      findings.add('pending', where, scope.subject, header.pending.objects.length);
    }
    return;
  }
  if (header?.isBehind || (last !== null && last > (header?.batch ?? 0))) {
    findings.add('behind', where, scope.subject);
  }
}

/** Up to when a target has rows or gaps, by its state. */
export interface TargetMark {
  label: string;
  coveredTo: number;
}

/** Returns the marks of a dataset's listed targets, without those that may have no rows for days. */
function marksOf(items: readonly CursorItem[], dataset: Dataset | undefined): TargetMark[] | Unreadable {
  if (dataset === undefined) return [];
  return decoded(() =>
    dataset.withCodec(dataset.defaults, (codec) =>
      [...decodeCursors(codec, items).values()].flatMap(({ source: owner, targets }) =>
        [...targets].flatMap(([name, { listed, state }]) => {
          const coveredTo = listed && !state.idle ? (codec.coveredTo?.(state) ?? null) : null;
          return coveredTo === null ? [] : [{ label: targetLabel({ source: owner, name }), coveredTo }];
        }),
      ),
    ),
  );
}

/** What the cursor table has of a dataset and project. It is read before the lake, which must contain it. */
export interface StoredState extends StoredHeader {
  /** The ids of its items. */
  items: ReadonlySet<string>;
  marks: readonly TargetMark[];
}

/** Reads what the cursor table has of a dataset and project. */
export async function readState(
  source: Pick<LakeSource, 'cursors'>,
  { scope, header }: StoredHeader,
  { datasets, findings }: { datasets: readonly Dataset[]; findings: Findings },
): Promise<StoredState> {
  const items = await source.cursors(scope);
  const marks = marksOf(
    items,
    datasets.find(({ name }) => name === scope.dataset),
  );
  if (header === UNREADABLE || marks === UNREADABLE) {
    findings.add('unreadable', { table: scope.dataset, day: null }, partitionOf(scope));
  }
  const ids = new Set(items.map(({ id }) => id).filter(isFirstItem));
  return { scope, header, items: ids, marks: marks === UNREADABLE ? [] : marks };
}

/** Returns the last batch that the cursor table had committed or abandoned; null if none is known. */
export function committedIn({ header }: StoredHeader): number | null {
  return header === UNREADABLE ? null : header.batch;
}

/**
 * Compares what the records of a dataset and project say together with its cursors.
 * @param state its cursors, which were read before the records; undefined if it has no header
 */
export function verifyHistory(
  scope: PartitionKey,
  state: StoredState | undefined,
  history: RecordedHistory,
  { findings, checked, isKept }: { findings: Findings; checked: Checked; isKept: boolean },
): void {
  const where = { table: scope.dataset, day: null };
  for (const id of history.cursors) if (!state?.items.has(id)) findings.add('behind', where, id);
  // A lifecycle rule has deleted the oldest records.
  if (!isKept) return;
  for (const { first, count } of history.missing) findings.add('lost', where, recordKey(scope, first), count);
  if (history.last === null && state && committedIn(state) !== null) checked.removed += 1;
}

/** Returns the key of a partition of the cursor table. */
export function partitionOf({ dataset, subject }: PartitionKey): string {
  return `${dataset}#${subject}`;
}

/** Compares how far targets were read with their rows and gaps, which were read later. */
export function verifyMarks(
  { scope, marks }: StoredState,
  { findings, reaches }: { findings: Findings; reaches: Reaches },
): void {
  for (const { label, coveredTo } of marks) {
    const reach = reaches.of(scope, label);
    if (reach !== undefined && coveredTo - reach > MAX_SILENCE) {
      findings.add('unbacked', { table: scope.dataset, day: null }, label);
    }
  }
}
