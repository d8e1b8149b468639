import type { Gap } from '../dataset.ts';

/** A part of the period that could not be read of a target. */
export interface Loss extends Gap {
  target: string;
}

/** What a backfill found in a period. */
export interface Findings {
  /** Rows of Atlas that the lake already has. */
  present: number;
  /** Rows that the lake lacked. */
  absent: number;
  /** Rows that were not written, because the lake has values of their time in another form. */
  covered: number;
  /** Rows that were not written, because nobody can say whether the lake has them. */
  incomparable: number;
  filledGaps: number;
  /** The time of the oldest row that Atlas returned, ms; null if it returned none. */
  oldest: number | null;
  losses: readonly Loss[];
  /** Why Atlas gives nothing of some targets. */
  refusals: ReadonlySet<string>;
  /** The targets that are read only in part, because runs have not read them further yet, or its end is not final. */
  unread: number;
  /** The targets of which nothing shows that all of the period was read; targets that are left out count as one. */
  unproven: number;
}

export function noFindings(): Findings {
  return {
    present: 0,
    absent: 0,
    covered: 0,
    incomparable: 0,
    filledGaps: 0,
    unread: 0,
    unproven: 0,
    oldest: null,
    losses: [],
    refusals: new Set(),
  };
}

/** Returns the findings of two periods. */
export function sum(a: Findings, b: Findings): Findings {
  return {
    present: a.present + b.present,
    absent: a.absent + b.absent,
    covered: a.covered + b.covered,
    incomparable: a.incomparable + b.incomparable,
    filledGaps: a.filledGaps + b.filledGaps,
    unread: a.unread + b.unread,
    unproven: a.unproven + b.unproven,
    oldest: a.oldest === null || b.oldest === null ? (a.oldest ?? b.oldest) : Math.min(a.oldest, b.oldest),
    losses: [...a.losses, ...b.losses],
    refusals: new Set([...a.refusals, ...b.refusals]),
  };
}
