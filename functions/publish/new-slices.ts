import { MINUTE } from '../../shared/durations.ts';
import type { CommitLog } from '../../shared/lake/commit-log.ts';
import { RECORDS_FOLDER } from '../../shared/lake/keys.ts';
import type { PublicationBucket } from '../../shared/lake/publication-bucket.ts';
import type { Table } from '../../shared/lake/table.ts';
import { readNewCommits } from '../../shared/publication/commit-reader.ts';
import type { PositionStore, Positions } from '../../shared/publication/positions.ts';
import type { SliceStore } from '../../shared/publication/slice-store.ts';
import { type CommittedObject, sliced } from '../../shared/publication/slices.ts';
import type { UnrecordedObjects } from '../../shared/publication/unrecorded-objects.ts';

/** Objects after which a round reads no further commit record, for the memory of the function. */
const OBJECTS_AT_ONCE = 100_000;

/** The part of the function's time that reading commits may take, ms. */
const READING_TIME = 5 * MINUTE;

export interface SlicingTools {
  tables: readonly Table[];
  objects: PublicationBucket;
  log: CommitLog;
  slices: SliceStore;
  positions: PositionStore;
  unrecorded: UnrecordedObjects;
  now(): number;
  /** Returns lower-case letters and digits that no other call returns. */
  newId(): string;
  /** Reports what went wrong with one table, subject or slice, while the others go on. */
  onFailure(what: string, error: unknown): void;
}

/**
 * Turns new commits into slices that wait.
 * @returns when the oldest unread commit was recorded, ms, or null if all are read; and whether the next round can read more
 */
export async function addNewSlices(
  tools: SlicingTools,
): Promise<{ unreadSince: number | null; hasMore: boolean }> {
  const { objects, log, positions, unrecorded, now, tables, onFailure } = tools;
  const end = now() + READING_TIME;
  let before = 0;
  const mayContinue = (count: number) => before + count < OBJECTS_AT_ONCE && now() < end;
  const unread: number[] = [];
  const found: CommittedObject[] = [];
  const moved: Array<() => Promise<void>> = [];
  let hasMore = false;
  const read = async (dataset: string, known: Positions) => {
    const commits = await readNewCommits(dataset, known, { objects, log, mayContinue });
    before += commits.objects.length;
    for (const { subject, error } of commits.failures) onFailure(`${dataset}/${subject}`, error);
    if (commits.unreadSince !== null) unread.push(commits.unreadSince);
    hasMore ||= commits.hasMore;
    return commits;
  };
  for (const dataset of await objects.folders(`${RECORDS_FOLDER}/`)) {
    try {
      const known = await positions.read(dataset);
      const commits = await read(dataset, known);
      found.push(...commits.objects);
      if (commits.objects.length > 0 || commits.positions.size !== known.size) {
        moved.push(() => positions.write(dataset, commits.positions));
      }
      const restart = await positions.readRestart(dataset);
      if (restart === null) continue;
      const again = await read(dataset, restart.positions);
      found.push(...again.objects.filter(({ table }) => restart.tables.includes(table)));
      const isOver = again.unreadSince === null;
      moved.push(() =>
        isOver
          ? positions.endRestart(dataset)
          : positions.writeRestart(dataset, { ...restart, positions: again.positions }),
      );
    } catch (error) {
      // Its positions or its listing cannot be read. The other datasets go on.
      onFailure(dataset, error);
    }
  }
  const earlier = await unrecorded.readNext(
    tables.map(({ name }) => name),
    { now: now(), mayContinue },
  );
  await addSlices([...found, ...earlier.objects], tools);
  // After the slices: a crash before it reads the same commits again.
  for (const move of moved) await move();
  await earlier.save();
  if (earlier.unreadSince !== null) unread.push(earlier.unreadSince);
  return {
    unreadSince: unread.length === 0 ? null : Math.min(...unread),
    hasMore: hasMore || !earlier.isComplete,
  };
}

async function addSlices(
  objects: readonly CommittedObject[],
  { tables, slices, newId }: SlicingTools,
): Promise<void> {
  const byTable = Map.groupBy(objects, ({ table }) => table);
  for (const [name, members] of byTable) {
    // A table of a later version waits until this program knows it.
    const table = tables.find((one) => one.name === name) ?? { name, partitionedBy: 'day' };
    for (const slice of sliced(members, table)) await slices.add(slice, newId());
  }
}
