import pLimit from 'p-limit';
import { isGivenUp } from '../cursors/commit-record.ts';
import type { PartitionKey } from '../cursors/header.ts';
import { isProjectId, type SubjectId } from '../ids.ts';
import type { CommitLog } from '../lake/commit-log.ts';
import { batchOfRecord, parseObjectKey, RECORDS_FOLDER, recordKey, recordPrefix } from '../lake/keys.ts';
import type { PublicationBucket } from '../lake/publication-bucket.ts';
import type { Position } from './positions.ts';
import type { CommittedObject } from './slices.ts';

const CONCURRENCY = 32;

/** Commit records that one listing returns. */
const RECORDS_PAGE = 1_000;

/** What was read of one dataset. */
export interface NewCommits {
  objects: CommittedObject[];
  /** The positions of all subjects, moved. */
  positions: Map<SubjectId, Position>;
  /** When the oldest unread commit was recorded, clock time, ms; null if all are read. */
  unreadSince: number | null;
  /** There was no time or room to read all. Records that cannot be read do not count. */
  hasMore: boolean;
  /** Subjects with a record that cannot be read. Their positions stay before it. */
  failures: Array<{ subject: SubjectId; error: unknown }>;
}

/**
 * Reads the commits of a dataset that were recorded after the positions. A record decides that its batch is part of the
 * lake (ADR 21): the objects of a dead run have none, or the statement that they were given up. Records of a subject are
 * created in the order of their numbers, so nothing can appear behind a position.
 *
 * @param mayContinue returns whether more may be read after this many objects. It is asked before each record, so it bounds the
 *   memory.
 */
export async function readNewCommits(
  dataset: string,
  known: ReadonlyMap<SubjectId, Position>,
  {
    objects: store,
    log,
    mayContinue,
  }: { objects: PublicationBucket; log: CommitLog; mayContinue: (objects: number) => boolean },
): Promise<NewCommits> {
  const positions = new Map(known);
  const result: NewCommits = { objects: [], positions, unreadSince: null, hasMore: false, failures: [] };
  const isUnread = (recordedAt: number) => {
    result.unreadSince = Math.min(result.unreadSince ?? Infinity, recordedAt);
  };
  const readSubject = async (subject: SubjectId) => {
    const scope = { dataset, subject };
    const last = positions.get(subject);
    let after = last && recordKey(scope, last.batch);
    for (let hasMore = true; hasMore; ) {
      // Without time to read, one record tells since when the subject is unread.
      const max = mayContinue(result.objects.length) ? RECORDS_PAGE : 1;
      const page = await store.listPage(recordPrefix(scope), { after, max });
      for (const { key, writtenAt } of page.objects) {
        after = key;
        const batch = batchOfRecord(key);
        if (batch === undefined) continue;
        if (!mayContinue(result.objects.length)) {
          isUnread(writtenAt);
          result.hasMore = true;
          return;
        }
        try {
          result.objects.push(...(await objectsOf(scope, batch, writtenAt, log)));
        } catch (error) {
          result.failures.push({ subject, error });
          isUnread(writtenAt);
          return;
        }
        positions.set(subject, { batch, at: writtenAt });
      }
      ({ hasMore } = page);
    }
  };
  const at = (id: SubjectId) => positions.get(id)?.at ?? 0;
  const subjects = (await store.folders(`${RECORDS_FOLDER}/${dataset}/`)).filter((id) => isProjectId(id));
  // The subject that was read least far comes first, so that a lack of time meets a different one each time.
  subjects.sort((a, b) => at(a) - at(b));
  const limit = pLimit(CONCURRENCY);
  await Promise.all(subjects.map((subject) => limit(() => readSubject(subject))));
  return result;
}

async function objectsOf(
  scope: PartitionKey,
  batch: number,
  writtenAt: number,
  log: CommitLog,
): Promise<CommittedObject[]> {
  const record = await log.readRecord(scope, batch);
  if (record === null || isGivenUp(record)) return [];
  return record.objects.map(({ key, bytes }) => {
    const name = parseObjectKey(key);
    if (!name) throw new Error(`a commit record names the object ${key}, which has an unknown form of key`);
    return { key, table: name.table, day: name.day, bytes, committedAt: writtenAt };
  });
}
