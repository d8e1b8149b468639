import * as z from 'zod';
import { HOUR } from '../durations.ts';
import type { SubjectId } from '../ids.ts';
import type { AnnouncedObject } from './commit-record.ts';
import type { Document } from './document.ts';
import { NewerStateError } from './versions.ts';

/** Identifies a partition: one header and its cursors. */
export interface PartitionKey {
  dataset: string;
  subject: SubjectId;
}

/** The header item: the lease, the announced batch, and what the engine stores with it. */
export interface Header {
  /** Increases with every update. */
  sequence: number;
  /** The run that made this update. After a lost response it shows whether the update was ours. */
  writtenBy: string;
  /** The run that holds the lease; null if it is free. */
  holder: string | null;
  /** Clock time, ms. */
  leaseUntil: number;
  /** The version of the dataset's states. A program that knows only earlier versions must not change them. */
  stateVersion: number;
  /** The last batch that was committed or abandoned; null before batches were counted. */
  batch: number | null;
  /** The lake has records of later batches that this table lacks, and a run has begun to apply them. */
  isBehind: boolean;
  /** The announced batch of the holder that is not committed yet. */
  pending: Announcement | null;
  /** The run statistics, which the engine stores with each commit: unreported totals, the last report. */
  statistics: Document;
}

/** The objects of a batch, announced before the first of them is written. */
export interface Announcement {
  /** The batch's number; null in version 1, which had no records of commits. */
  batch: number | null;
  objects: readonly AnnouncedObject[];
}

const HEADER_VERSION = 2;

const document = z.custom<Document>((value) => value !== undefined);

/** The stored item also contains the keys of the table. */
const keys = { pk: z.string().optional(), sk: z.string().optional() };

const storedSchema = z.strictObject({
  ...keys,
  version: z.literal(HEADER_VERSION),
  state_version: z.int().positive(),
  sequence: z.int().positive(),
  writtenBy: z.string(),
  lease: z.strictObject({ run: z.string(), until: z.number() }).nullable(),
  batch: z.int().nullable(),
  behind: z.boolean(),
  pending: z
    .strictObject({
      batch: z.int().nullable(),
      objects: z.array(z.strictObject({ key: z.string(), sha256: z.string().nullable() })),
    })
    .nullable(),
  ledger: document,
});

const versionSchema = z.object({ version: z.int().default(1), pk: z.string().default('') });

const firstSchema = z.strictObject({
  ...keys,
  sequence: z.int().positive(),
  writtenBy: z.string(),
  owner: z.string().nullable(),
  leaseUntil: z.number(),
  pending: z.array(z.string()),
  ledger: document,
});

/**
 * Encodes a header as it is stored. The lease has a different form than in version 1. A program of version 1
 * does not check the version, so it fails on the lease before it changes anything.
 */
export function encodeHeader(header: Header): Record<string, Document> {
  const { holder, leaseUntil, stateVersion, isBehind, pending, statistics, ...same } = header;
  return {
    version: HEADER_VERSION,
    state_version: stateVersion,
    ...same,
    ledger: statistics,
    behind: isBehind,
    lease: holder === null ? null : { run: holder, until: leaseUntil },
    pending: pending && {
      batch: pending.batch,
      objects: pending.objects.map(({ key, sha256 }) => ({ key, sha256 })),
    },
  };
}

/** Decodes a stored header of this version or an earlier one. @throws {NewerStateError} for a later one */
export function decodeHeader(item: unknown): Header {
  const { version, pk } = versionSchema.parse(item);
  if (version > HEADER_VERSION) throw new NewerStateError(`the header ${pk}`, version, HEADER_VERSION);
  if (version === 1) {
    const { sequence, writtenBy, owner, leaseUntil, pending, ledger } = firstSchema.parse(item);
    const objects = pending.map((key) => ({ key, sha256: null }));
    return {
      sequence,
      writtenBy,
      holder: owner,
      leaseUntil,
      stateVersion: 1,
      batch: null,
      isBehind: false,
      pending: objects.length > 0 ? { batch: null, objects } : null,
      statistics: ledger,
    };
  }
  const { sequence, writtenBy, lease, state_version, batch, behind, pending, ledger } =
    storedSchema.parse(item);
  return {
    sequence,
    writtenBy,
    holder: lease?.run ?? null,
    leaseUntil: lease?.until ?? 0,
    stateVersion: state_version,
    batch,
    isBehind: behind,
    pending,
    statistics: ledger,
  };
}

export interface LeaseRequest {
  /** A new id for each run. */
  run: string;
  /** Clock time, ms. */
  now: number;
  leaseUntil: number;
  /** The holder of the lease is known to be dead. */
  breakLease: boolean;
  /** The version of the dataset's states that the caller knows. */
  stateVersion: number;
  /**
   * Returns the statistics after these objects of a dead run were emptied. The `foreign` objects have content
   * of another writer.
   */
  withEmptied(statistics: Document, keys: readonly string[], foreign: readonly string[]): Document;
  /** Returns the statistics after missing commits were applied from the lake's records. */
  withRecovered(statistics: Document, commits: number): Document;
}

/** Longest plausible lease, ms. A lease that ends later was acquired by a clock that is ahead of this one. */
const MAX_LEASE = 4 * HOUR;

/** Returns the header after the lease is acquired, or null if another run holds it. */
export function acquired(seen: Header | undefined, request: LeaseRequest): Header | null {
  const left = (seen?.leaseUntil ?? 0) - request.now;
  if (seen?.holder && left > 0 && left < MAX_LEASE && !request.breakLease) return null;
  return {
    sequence: (seen?.sequence ?? 0) + 1,
    writtenBy: request.run,
    holder: request.run,
    leaseUntil: request.leaseUntil,
    stateVersion: request.stateVersion,
    batch: seen?.batch ?? null,
    isBehind: seen?.isBehind ?? false,
    pending: seen?.pending ?? null,
    statistics: seen?.statistics ?? null,
  };
}
