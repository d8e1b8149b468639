import * as z from 'zod';
import type { SubjectId } from '../ids.ts';
import type { AnnouncedObject } from './commit-record.ts';
import type { Document } from './document.ts';
import { NewerStateError } from './versions.ts';

/** What one header and its cursors are about. */
export interface PartitionKey {
  dataset: string;
  subject: SubjectId;
}

/** The header item: who may write, what is announced, and what the engine keeps with it. */
export interface Header {
  /** Raised by every update. */
  sequence: number;
  /** The run that made this update: tells, after a lost answer, whether the update was ours. */
  writtenBy: string;
  /** The run that holds the lease; null when it is free. */
  holder: string | null;
  /** Clock time, ms. */
  leaseUntil: number;
  /** The version of the dataset's states: a program that knows only earlier ones must not touch them. */
  stateVersion: number;
  /** The last batch that is committed or given up; null before this was counted. */
  batch: number | null;
  /** The lake has records of later batches, which this table lacks and a run has begun to take in. */
  isBehind: boolean;
  /** What the holder's batch writes and has not committed. */
  pending: Announcement | null;
  /** What the engine stores with each commit: totals not yet reported, the last report. */
  statistics: Document;
}

/** The objects of a batch, named before the first of them is written. */
export interface Announcement {
  /** The batch's number; null in version 1, which had no records of commits. */
  batch: number | null;
  objects: readonly AnnouncedObject[];
}

const HEADER_VERSION = 2;

const ledger = z.custom<Document>((value) => value !== undefined);

/** The keys of the table stand in the item, too. */
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
  ledger,
});

const versionSchema = z.object({ version: z.int().default(1), pk: z.string().default('') });

const firstSchema = z.strictObject({
  ...keys,
  sequence: z.int().positive(),
  writtenBy: z.string(),
  owner: z.string().nullable(),
  leaseUntil: z.number(),
  pending: z.array(z.string()),
  ledger,
});

/**
 * Returns a header as it is stored. The lease has another form than in version 1, so that a program of that version,
 * which does not look for a version, fails on it before it changes anything.
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

/** Reads a stored header of this version or an earlier one. @throws {NewerStateError} for a later one */
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
  /** The caller knows that whoever holds the lease is dead. */
  breakLease: boolean;
  /** The version of the dataset's states that the caller knows. */
  stateVersion: number;
  /** Returns the statistics once these objects of a dead run have been emptied; `foreign` ones hold what others wrote. */
  withEmptied(statistics: Document, keys: readonly string[], foreign: readonly string[]): Document;
  /** Returns the statistics once commits that the table lacked were taken from the lake's records. */
  withRecovered(statistics: Document, commits: number): Document;
}

/** A lease that lasts longer, ms, was taken by a clock that is ahead of this one. */
const LONGEST_LEASE = 4 * 3_600_000;

/** The header after a take-over, or null when somebody else holds the lease. */
export function acquired(seen: Header | undefined, request: LeaseRequest): Header | null {
  const left = (seen?.leaseUntil ?? 0) - request.now;
  if (seen?.holder && left > 0 && left < LONGEST_LEASE && !request.breakLease) return null;
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
