import * as z from 'zod';
import type { ProjectId } from '../ids.ts';
import type { Document } from './document.ts';

/** What one header and its cursors are about. */
export interface Scope {
  dataset: string;
  project: ProjectId;
}

/** The header item: who may write, what is announced, and what the engine keeps with it. */
export interface Header {
  /** Raised by every update. */
  sequence: number;
  /** The run that made this update: tells, after a lost answer, whether the update was ours. */
  writtenBy: string;
  /** The run that holds the lease; null when it is free. */
  owner: string | null;
  /** Clock time, ms. */
  leaseUntil: number;
  /** Keys that the owner's batch writes and has not committed. */
  pending: readonly string[];
  /** What the engine stores with each commit: totals not yet reported, the last report. */
  ledger: Document;
}

export const headerSchema = z.object({
  sequence: z.int().positive(),
  writtenBy: z.string(),
  owner: z.string().nullable(),
  leaseUntil: z.number(),
  pending: z.array(z.string()),
  ledger: z.custom<Document>((value) => value !== undefined),
});

export interface Claim {
  /** A new id for each run. */
  run: string;
  /** Clock time, ms. */
  now: number;
  leaseUntil: number;
  /** The caller knows that whoever holds the lease is dead. */
  breakLease: boolean;
  /** The ledger once these objects of a dead run have been emptied. */
  withEmptied(ledger: Document, keys: readonly string[]): Document;
}

/** A lease that lasts longer, ms, was taken by a clock that is ahead of this one. */
const LONGEST_LEASE = 4 * 3_600_000;

/** The header after a take-over, or null when somebody else holds the lease. */
export function claimed(seen: Header | undefined, claim: Claim): Header | null {
  const left = (seen?.leaseUntil ?? 0) - claim.now;
  if (seen?.owner && left > 0 && left < LONGEST_LEASE && !claim.breakLease) return null;
  return {
    sequence: (seen?.sequence ?? 0) + 1,
    writtenBy: claim.run,
    owner: claim.run,
    leaseUntil: claim.leaseUntil,
    pending: seen?.pending ?? [],
    ledger: seen?.ledger ?? null,
  };
}
