import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { DuckDBConnection } from '@duckdb/node-api';
import pLimit from 'p-limit';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { readHeaders } from '../../shared/cursors/header-list.ts';
import { SubjectRegistry } from '../../shared/cursors/subject-registry.ts';
import { DAY } from '../../shared/durations.ts';
import { ObjectStore } from '../../shared/lake/object-store.ts';
import type { CursorReader } from '../cursor-snapshot.ts';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { BUCKET } from '../local-aws.ts';
import type { RecordSource } from '../verification/folder-source.ts';
import { s3Source } from '../verification/s3-source.ts';
import { type CheckAccess, NEW_GAPS } from './read-facts.ts';

/** A lake in S3 and its cursor table. */
export interface BucketLake {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  bucket: string;
  table: string;
}

/** Each resource is written in full at least once a week. */
const INVENTORY_DAYS = 8;

const CONCURRENT_READS = 25;

const UNCHECKED = [
  'Duplicates: not checked here; the stack counts them every night, and verify checks the whole lake.',
  'Missing objects: only those of the last commits are looked for; verify looks for all.',
];

/**
 * Gives access to a lake in S3. It reads the cursor table, the last commit of each dataset and project, the inventory of a
 * week and the gaps of a day, because a check must not cost more than what it checks. It writes nothing there.
 */
export async function withBucketAccess<Result>(
  { s3, dynamodb, bucket, table }: BucketLake,
  now: number,
  use: (connection: DuckDBConnection, access: CheckAccess) => Promise<Result>,
): Promise<Result> {
  const cursors = new CursorStore(dynamodb, table);
  const headers = await readHeaders(dynamodb, table);
  const reader: CursorReader = {
    cursors,
    subjects: new SubjectRegistry(dynamodb, table),
    readHeaders: async () => headers,
  };
  const source = s3Source(s3, bucket, { cursors, dynamodb, table });
  const access: CheckAccess = {
    withCursors: (run) => run(reader),
    records: lastRecords(source, headers),
    lastCollect: null,
    hasAllRows: false,
    unchecked: UNCHECKED,
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-check-'));
  try {
    const copied = path.join(folder, BUCKET);
    await mkdir(copied);
    const days = Array.from({ length: INVENTORY_DAYS }, (_, index) => dayOf(now - index * DAY));
    for (const day of days)
      await copyObjects({ s3, bucket }, { prefix: `inventory/dt=${day}/`, since: 0 }, copied);
    for (const prefix of ['collection_gaps/', 'filled_gaps/'])
      await copyObjects({ s3, bucket }, { prefix, since: now - NEW_GAPS }, copied);
    return await withLakeDatabase(folder, (connection) => use(connection, access));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the last commit record of each dataset and project only. */
function lastRecords(source: RecordSource, headers: Awaited<ReturnType<typeof readHeaders>>): RecordSource {
  return {
    exists: source.exists,
    isReplaced: source.isReplaced,
    expiresAfterDays: source.expiresAfterDays,
    record: source.record,
    async *records({ dataset, subject }) {
      const own = headers.find(({ scope }) => scope.dataset === dataset && scope.subject === subject);
      const batch = own?.header.batch ?? null;
      if (batch !== null) yield batch;
    },
  };
}

/** Copies the objects below a prefix that were written since an instant into a folder. */
async function copyObjects(
  { s3, bucket }: Pick<BucketLake, 's3' | 'bucket'>,
  { prefix, since }: { prefix: string; since: number },
  folder: string,
): Promise<void> {
  const objects = new ObjectStore(s3, bucket);
  const limit = pLimit(CONCURRENT_READS);
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: prefix },
  )) {
    const keys = Contents.flatMap(({ Key, LastModified }) =>
      Key !== undefined && (LastModified?.getTime() ?? since) >= since ? [Key] : [],
    );
    await Promise.all(
      keys.map((key) =>
        limit(async () => {
          const body = await objects.read(key);
          if (body === null) return;
          const file = path.join(folder, key);
          await mkdir(path.dirname(file), { recursive: true });
          await writeFile(file, body);
        }),
      ),
    );
  }
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
