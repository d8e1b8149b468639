import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { SubjectRegistry } from '../../shared/cursors/subject-registry.ts';
import { ObjectStore } from '../../shared/lake/object-store.ts';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import type { Log } from '../../shared/worker/runtime.ts';
import { UsageFailure } from '../failure.ts';
import { FileLog } from '../file-log.ts';
import { lakeExists, withLake } from '../lake-session.ts';
import type { LocalAws } from '../local-aws.ts';
import type { LakeSource } from '../verification/lake-source.ts';
import { localSource, s3Source } from '../verification/s3-source.ts';

/** A lake and its cursors, in a folder or in AWS. */
export interface LakeStore extends Pick<LocalAws, 'cursors' | 'subjects' | 'lake'> {
  expiresAfterDays: LakeSource['expiresAfterDays'];
  /** Whether the holder of any lease is known to be dead, because only this process uses the lake. */
  breakLease: boolean;
  log: Log;
}

const NO_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Opens the lake that options name. */
export function withLakeStore<Result>(
  { lake: folder, bucket, cursorTable }: { lake: string; bucket?: string; cursorTable?: string },
  use: (store: LakeStore) => Promise<Result>,
): Promise<Result> {
  if (bucket === undefined && cursorTable === undefined) return withFolder(folder, use);
  if (bucket === undefined || cursorTable === undefined) {
    throw new UsageFailure(
      'use --bucket and --cursor-table together, with the outputs LakeBucket and CursorTable of AtlasLakeStore',
    );
  }
  return withBucket(bucket, cursorTable, use);
}

async function withFolder<Result>(
  folder: string,
  use: (store: LakeStore) => Promise<Result>,
): Promise<Result> {
  if (!(await lakeExists(folder))) {
    throw new UsageFailure(`there is no lake in ${folder}: choose another (--lake DIR or --bucket NAME)`);
  }
  return withLake(folder, (aws, absolute) => {
    const log = new FileLog({ file: path.join(absolute, '.log') });
    return use(storeOf(aws, log));
  });
}

/** Returns the store of a lake on this machine. */
export function storeOf(aws: LocalAws, log: Log): LakeStore {
  const { cursors, subjects, lake } = aws;
  const { expiresAfterDays } = localSource(aws);
  return { cursors, subjects, lake, expiresAfterDays, breakLease: true, log };
}

async function withBucket<Result>(
  bucket: string,
  table: string,
  use: (store: LakeStore) => Promise<Result>,
): Promise<Result> {
  const s3 = new S3Client(AWS_CLIENT_DEFAULTS);
  const dynamodb = new DynamoDBClient(AWS_CLIENT_DEFAULTS);
  const cursors = new CursorStore(dynamodb, table);
  const source = s3Source(s3, bucket, { cursors, dynamodb, table });
  try {
    return await use({
      cursors,
      subjects: new SubjectRegistry(dynamodb, table),
      lake: new ObjectStore(s3, bucket),
      expiresAfterDays: source.expiresAfterDays,
      breakLease: false,
      log: NO_LOG,
    });
  } finally {
    s3.destroy();
    dynamodb.destroy();
  }
}
