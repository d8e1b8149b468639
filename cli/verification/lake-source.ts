import type { CommitRecord } from '../../shared/cursors/commit-record.ts';
import type { CursorItem } from '../../shared/cursors/document.ts';
import type { Header, PartitionKey } from '../../shared/cursors/header.ts';

/** A lake and its cursors, as far as checking them needs it. Nothing here writes. */
export interface LakeSource {
  /** Keys with a prefix, in their order, read page by page. */
  list(prefix: string): AsyncIterable<string>;
  /** The object's bytes; null when there is none. */
  read(key: string): Promise<Buffer | null>;
  exists(key: string): Promise<boolean>;
  /** The SHA-256, base64, of what an erasure made of an object, each that it had; empty where none did. */
  erasures(key: string): Promise<readonly string[]>;
  /** After how many days S3 deletes the objects of a table; null when it keeps them. */
  expiresAfterDays(table: string): Promise<number | null>;
  headers(): Promise<ReadonlyArray<{ scope: PartitionKey; header: Header }>>;
  cursors(scope: PartitionKey): Promise<CursorItem[]>;
  /** The numbers of recorded batches of a dataset and project, rising. */
  records(scope: PartitionKey): AsyncIterable<number>;
  /** Null where the batch was given up, or there is no such record. */
  record(scope: PartitionKey, batch: number): Promise<CommitRecord | null>;
}
