import { type CommitRecord, type GivenUpBatch, isGivenUp } from '../../shared/cursors/commit-record.ts';
import type { CursorItem } from '../../shared/cursors/document.ts';
import type { Header, PartitionKey } from '../../shared/cursors/header.ts';
import { UNREADABLE, type Unreadable } from './damage.ts';

/** The header of a dataset and project. */
export interface StoredHeader {
  scope: PartitionKey;
  header: Header | Unreadable;
}

/** Read access to a lake and its cursors. */
export interface LakeSource {
  /** Lists keys with a prefix in order, page by page. */
  list(prefix: string): AsyncIterable<string>;
  /** Reads an object's bytes; null if there is no object. */
  read(key: string): Promise<Buffer | null>;
  exists(key: string): Promise<boolean>;
  /** Returns whether a backfill has read the rows of an object again, according to its note. */
  isReplaced(key: string): Promise<boolean | Unreadable>;
  /** Returns the base64 SHA-256 of each version that an erasure made of an object; empty if there was no erasure. */
  erasures(key: string): Promise<readonly string[] | Unreadable>;
  /** Returns the age at which S3 deletes an object, days; null if S3 keeps it. */
  expiresAfterDays(key: string): Promise<number | null>;
  headers(): Promise<readonly StoredHeader[]>;
  cursors(scope: PartitionKey): Promise<CursorItem[]>;
  /** Returns the datasets and projects that have commit records. */
  recordedScopes(): Promise<readonly PartitionKey[]>;
  /** Lists the numbers of recorded batches of a dataset and project, in ascending order. */
  records(scope: PartitionKey): AsyncIterable<number>;
  /** Reads a commit record, or what replaces it; null if there is neither. */
  record(scope: PartitionKey, batch: number): Promise<CommitRecord | GivenUpBatch | Unreadable | null>;
}

/** Returns whether a batch has a record that can be read. */
export function isCommitted(record: CommitRecord | GivenUpBatch | Unreadable | null): record is CommitRecord {
  return record !== null && record !== UNREADABLE && !isGivenUp(record);
}
