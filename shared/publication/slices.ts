import { SECOND } from '../durations.ts';
import type { Table } from '../lake/table.ts';

/** An object of the lake that a commit wrote. */
export interface CommittedObject {
  key: string;
  table: string;
  /** The partition of its rows: `YYYY-MM-DD`. */
  day: string;
  /** Compressed size. */
  bytes: number;
  /** When its commit was recorded, clock time, ms. */
  committedAt: number;
}

/** Objects of one table that one statement publishes. */
export interface Slice {
  table: string;
  objects: readonly CommittedObject[];
}

/** The limits of one slice. Athena writes to at most 100 partitions in one statement. */
export const SLICE_LIMITS = {
  partitions: 90,
  /** Days are listed in the statement, so they are limited where a partition is a month. */
  days: 400,
  objects: 5_000,
  /** Compressed bytes. NDJSON is ten to thirty times as large. */
  bytes: 256 * 1024 * 1024,
} as const;

/**
 * Divides objects into slices. Objects of near days share a slice, so that a statement compares its rows with few
 * partitions.
 */
export function sliced(
  objects: readonly CommittedObject[],
  table: Pick<Table, 'name' | 'partitionedBy'>,
): Slice[] {
  const slices: CommittedObject[][] = [];
  let open: CommittedObject[] = [];
  let days = new Set<string>();
  let partitions = new Set<string>();
  let bytes = 0;
  for (const object of [...objects].sort(byDay)) {
    const partition = partitionOf(table, object.day);
    const isFull =
      open.length === SLICE_LIMITS.objects ||
      bytes + object.bytes > SLICE_LIMITS.bytes ||
      (!days.has(object.day) && days.size === SLICE_LIMITS.days) ||
      (!partitions.has(partition) && partitions.size === SLICE_LIMITS.partitions);
    if (isFull && open.length > 0) {
      slices.push(open);
      open = [];
      days = new Set();
      partitions = new Set();
      bytes = 0;
    }
    open.push(object);
    days.add(object.day);
    partitions.add(partition);
    bytes += object.bytes;
  }
  if (open.length > 0) slices.push(open);
  return slices.map((members) => ({ table: table.name, objects: members }));
}

/** Returns the value by which Iceberg partitions the rows of a day. */
export function partitionOf({ partitionedBy }: Pick<Table, 'partitionedBy'>, day: string): string {
  return partitionedBy === 'day' ? day : day.slice(0, MONTH_LENGTH);
}

/** The length of `YYYY-MM`. */
export const MONTH_LENGTH = 7;

function byDay(a: CommittedObject, b: CommittedObject): number {
  if (a.day !== b.day) return a.day < b.day ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}

/** A slice that waits, as its name tells. Names sort by failures and then by age. */
export interface WaitingSlice {
  table: string;
  name: string;
  /** How often its statement has failed. */
  failures: number;
  /** When its first object was committed, ms. */
  oldest: number;
}

const MAX_FAILURES = 99;

/** Returns the name of a slice. `unique` consists of lower-case letters, digits and underscores. */
export function sliceName({
  failures,
  oldest,
  unique,
}: {
  failures: number;
  oldest: number;
  unique: string;
}): string {
  const count = String(Math.min(failures, MAX_FAILURES)).padStart(2, '0');
  return `${count}-${String(Math.floor(oldest / SECOND)).padStart(10, '0')}-${unique}`;
}

/** Reads a slice's name; undefined for any other text. */
export function parseSliceName(table: string, name: string): WaitingSlice | undefined {
  const [, failures, oldest] = /^(\d{2})-(\d{10})-[a-z0-9_]+$/.exec(name) ?? [];
  if (failures === undefined || oldest === undefined) return undefined;
  return { table, name, failures: Number(failures), oldest: Number(oldest) * SECOND };
}
