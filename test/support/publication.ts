import type { Outcome } from '../../functions/publish/plan.ts';
import { Publisher, type PublisherTools } from '../../functions/publish/publisher.ts';
import { CommitLog } from '../../shared/lake/commit-log.ts';
import type { PublicationBucket } from '../../shared/lake/publication-bucket.ts';
import type { Table } from '../../shared/lake/table.ts';
import { PositionStore } from '../../shared/publication/positions.ts';
import { SliceStore } from '../../shared/publication/slice-store.ts';
import { UnrecordedObjects } from '../../shared/publication/unrecorded-objects.ts';
import type { IcebergStandIn } from './iceberg-stand-in.ts';
import type { TestAws } from './test-aws.ts';

export interface TestPublication {
  publisher: Publisher;
  objects: PublicationBucket;
  /** What `onFailure` got. */
  failures: Array<[what: string, error: unknown]>;
  /** The tables that `onRestart` got. */
  restarts: string[];
  /** The keys that `onExpired` got. */
  expired: string[];
  /** How often `onBusy` was called. */
  busy: { count: number };
  progress: Array<{ waiting: number; behind: number }>;
}

let ids = 0;

/** Creates the function's publisher on stand-ins. */
export function createPublication(
  aws: TestAws,
  iceberg: IcebergStandIn,
  options: { tables: readonly Table[]; now: () => number } & Partial<PublisherTools>,
): TestPublication {
  const failures: TestPublication['failures'] = [];
  const progress: TestPublication['progress'] = [];
  const restarts: string[] = [];
  const expired: string[] = [];
  const busy = { count: 0 };
  const publisher = new Publisher({
    names: { database: 'atlas_lake', slices: 'atlas_lake_slices', bucket: 'lake' },
    expireAfterDays: {},
    objects: aws.lake,
    log: new CommitLog(aws.lake),
    slices: new SliceStore(aws.lake, 'lake'),
    positions: new PositionStore(aws.lake),
    unrecorded: new UnrecordedObjects(aws.lake, aws.cursors),
    lock: aws.publicationLock,
    catalog: iceberg.catalog,
    newId() {
      ids += 1;
      return `id${ids}`;
    },
    onProgress: (one) => progress.push(one),
    onBusy() {
      busy.count += 1;
    },
    onExpired: (_, keys) => expired.push(...keys),
    onRestart: (table) => restarts.push(table),
    onFailure: (what, error) => failures.push([what, error]),
    ...options,
  });
  return { publisher, objects: aws.lake, failures, restarts, expired, busy, progress };
}

/** Runs one execution: rounds of statements, as the state machine runs them. Returns the number of failures. */
export async function publish(
  { publisher, objects }: TestPublication,
  run: (sql: string) => Promise<void>,
  execution: string,
): Promise<{ state: 'busy' | 'done'; failures: number }> {
  let failures = 0;
  let hasUnread = true;
  for (let number = 1; ; number += 1) {
    const plan = await publisher.prepare({ execution, number }, hasUnread);
    ({ hasUnread } = plan);
    if (plan.state === 'busy') return { state: 'busy', failures };
    if (plan.state === 'idle') return { state: 'done', failures };
    const outcomes: Outcome[] = [];
    for (const { purpose, sql, sliceFile } of plan.groups.flat()) {
      const error = await run(sql).then(() => null, String);
      if (error === null && sliceFile !== null) await objects.remove(sliceFile);
      outcomes.push({ purpose, error });
    }
    const settled = await publisher.settle({ execution, number }, outcomes);
    failures += settled.failures;
    if (!settled.continues) return { state: 'done', failures };
  }
}
