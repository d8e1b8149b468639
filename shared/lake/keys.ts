import { isProjectId, type SubjectId } from '../ids.ts';
import { type Compression, codecOf } from './compression.ts';

export interface ObjectName {
  table: string;
  /** The partition: the UTC day of the events, `YYYY-MM-DD`. */
  day: string;
  subject: SubjectId;
  /** The dataset whose header gave the batch its number. */
  dataset: string;
  /** The batch number: no two batches ever use the same key. */
  batch: number;
  part: number;
}

/**
 * Returns the key of a data object: `<table>/dt=YYYY-MM-DD/<projectId>-<dataset>-<batch>-<part>.json.gz`, or `.json.zst`.
 */
export function objectKey(name: ObjectName & { compression: Compression }): string {
  const { table, day, subject, dataset, batch, part, compression } = name;
  return `${table}/dt=${day}/${subject}-${dataset}-${tenDigits(batch)}-${part}.json${codecOf(compression).suffix}`;
}

/** The folder of the commit records. No table has this name. */
export const RECORDS_FOLDER = '_commits';

const RECORD_SUFFIX = '.commit.gz';

/**
 * Returns the key of a commit record: `_commits/<dataset>/<projectId>/<batch>.commit.gz`. Keys sort by batch.
 */
export function recordKey(about: { dataset: string; subject: SubjectId }, batch: number): string {
  return `${recordPrefix(about)}${tenDigits(batch)}${RECORD_SUFFIX}`;
}

/** Returns the common prefix of all record keys of a dataset and subject. */
export function recordPrefix({ dataset, subject }: { dataset: string; subject: SubjectId }): string {
  return `${recordFolder(dataset)}${subject}/`;
}

/** Returns the prefix of all record keys of a dataset. */
export function recordFolder(dataset: string): string {
  return `${RECORDS_FOLDER}/${dataset}/`;
}

/** Returns the batch of a key that `recordKey` made; undefined for any other text. */
export function batchOfRecord(key: string): number | undefined {
  const digits = /^_commits\/[^/]+\/[^/]+\/(\d{10})\.commit\.gz$/.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Batch numbers start at seconds since the epoch. Objects of before 0.1.0 counted from 1 and have no commit records.
 */
export const FIRST_RECORDED_BATCH = 1_000_000_000;

/** The largest number that fits into a key. */
export const LAST_BATCH = 9_999_999_999;

const OBJECT_KEY =
  /^([a-z0-9_]+)\/dt=(\d{4}-\d{2}-\d{2})\/([0-9a-f]{24})-([a-z0-9_]+)-(\d{10})-(\d+)\.json\.(?:gz|zst)$/;

/** Reads a key that `objectKey` made; undefined for any other text. */
export function parseObjectKey(key: string): ObjectName | undefined {
  const [, table = '', day = '', subject = '', dataset = '', batch = '', part = ''] =
    OBJECT_KEY.exec(key) ?? [];
  if (!isProjectId(subject)) return undefined;
  return { table, day, subject, dataset, batch: Number(batch), part: Number(part) };
}

function tenDigits(batch: number): string {
  return String(batch).padStart(10, '0');
}

/** Returns the day of a key that `objectKey` made; undefined for any other text. */
export function dayOfKey(key: string): string | undefined {
  return /\/dt=(\d{4}-\d{2}-\d{2})\//.exec(key)?.[1];
}
