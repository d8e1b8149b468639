import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type CommitRecord, decodeRecord } from '../../shared/cursors/commit-record.ts';
import type { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { decodeHeader, type PartitionKey } from '../../shared/cursors/header.ts';
import { readHeaderItems } from '../../shared/cursors/header-list.ts';
import { isProjectId } from '../../shared/ids.ts';
import { decodeErasures, erasureKey } from '../../shared/lake/erasure-notes.ts';
import {
  batchOfRecord,
  RECORDS_FOLDER,
  recordFolder,
  recordKey,
  recordPrefix,
} from '../../shared/lake/keys.ts';
import { ObjectStore } from '../../shared/lake/object-store.ts';
import { replacementKey } from '../../shared/lake/replacements.ts';
import { BUCKET, CURSOR_TABLE, type LocalAws } from '../local-aws.ts';
import { decoded, replacedBy } from './damage.ts';
import { isCommitted, type LakeSource } from './lake-source.ts';
import { expiryOf } from './lifecycle.ts';

/** Number of cached commit records. The check reads a record once for each of its objects. */
const KEPT_RECORDS = 64;

/** Returns a source for a lake in S3 or its stand-in, with its cursor table. */
export function s3Source(
  s3: S3Client,
  bucket: string,
  { cursors, dynamodb, table }: { cursors: CursorStore; dynamodb: DynamoDBClient; table: string },
): LakeSource {
  const objects = new ObjectStore(s3, bucket);
  const kept = new Map<string, CommitRecord>();
  let rules: Promise<readonly LifecycleRule[]> | undefined;
  async function* list(prefix: string) {
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: s3 },
      { Bucket: bucket, Prefix: prefix },
    )) {
      for (const { Key } of Contents) if (Key !== undefined) yield Key;
    }
  }
  return {
    list,
    read: (key) => objects.read(key),
    exists: (key) => objects.exists(key),
    isReplaced: async (key) => replacedBy(await objects.read(replacementKey(key))),
    async erasures(key) {
      const note = await objects.read(erasureKey(key));
      return note === null ? [] : decoded(() => decodeErasures(key, note));
    },
    async expiresAfterDays(key) {
      rules ??= readRules(s3, bucket);
      return expiryOf(await rules, key);
    },
    async headers() {
      const items = await readHeaderItems(dynamodb, table);
      return items.map(({ scope, item }) => ({ scope, header: decoded(() => decodeHeader(item)) }));
    },
    cursors: (scope) => cursors.readCursors(scope),
    async recordedScopes() {
      const scopes: PartitionKey[] = [];
      for (const dataset of await objects.listFolders(`${RECORDS_FOLDER}/`)) {
        const subjects = (await objects.listFolders(recordFolder(dataset))).filter(isProjectId);
        scopes.push(...subjects.map((subject) => ({ dataset, subject })));
      }
      return scopes;
    },
    async *records(scope) {
      for await (const key of list(recordPrefix(scope))) {
        const batch = batchOfRecord(key);
        if (batch !== undefined) yield batch;
      }
    },
    async record(scope: PartitionKey, batch: number) {
      const id = `${scope.dataset}/${scope.subject}/${batch}`;
      const known = kept.get(id);
      if (known !== undefined) return known;
      const body = await objects.read(recordKey(scope, batch));
      const record = body && decoded(() => decodeRecord(body));
      // Not cached: a missing record may be written at any moment.
      if (!isCommitted(record)) return record;
      kept.set(id, record);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_RECORDS && oldest !== undefined) kept.delete(oldest);
      return record;
    },
  };
}

/** Returns a source for a lake on this machine. Its bucket has no lifecycle rules. */
export function localSource(aws: LocalAws): LakeSource {
  return { ...s3Source(aws.s3, BUCKET, { ...aws, table: CURSOR_TABLE }), expiresAfterDays: async () => null };
}

/** Reads the lifecycle rules of a bucket; empty if it has none. */
async function readRules(s3: S3Client, bucket: string): Promise<readonly LifecycleRule[]> {
  try {
    const { Rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
    return Rules;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchLifecycleConfiguration') return [];
    throw error;
  }
}
