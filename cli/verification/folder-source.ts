import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from '../../local-aws/s3/errors.ts';
import { decodeRecord } from '../../shared/cursors/commit-record.ts';
import { batchOfRecord, recordKey, recordPrefix } from '../../shared/lake/keys.ts';
import { replacementKey } from '../../shared/lake/replacements.ts';
import { namesIn } from '../duckdb/lake-files.ts';
import { decoded, replacedBy } from './damage.ts';
import type { LakeSource } from './lake-source.ts';

/** What `verifyRecords` reads of a lake. */
export type RecordSource = Pick<
  LakeSource,
  'exists' | 'isReplaced' | 'expiresAfterDays' | 'records' | 'record'
>;

/** Returns the commit records of a bucket that is a folder, read as files. */
export function folderRecords(bucket: string): RecordSource {
  return {
    async exists(key) {
      return access(path.join(bucket, key)).then(
        () => true,
        () => false,
      );
    },
    async isReplaced(key) {
      const note = await readFile(path.join(bucket, replacementKey(key))).catch((error) => {
        if (isSystemError(error, 'ENOENT')) return null;
        throw error;
      });
      return replacedBy(note);
    },
    expiresAfterDays: async () => null,
    async *records(scope) {
      const prefix = recordPrefix(scope);
      for (const name of (await namesIn(path.join(bucket, prefix))).sort()) {
        const batch = batchOfRecord(`${prefix}${name}`);
        if (batch !== undefined) yield batch;
      }
    },
    async record(scope, batch) {
      const body = await readFile(path.join(bucket, recordKey(scope, batch)));
      return decoded(() => decodeRecord(body));
    },
  };
}
