import { DAY } from '../../shared/durations.ts';
import type { Period } from '../../shared/engine/backfill/rereading.ts';
import { UsageFailure } from '../failure.ts';
import { iso, parseInstant } from '../times.ts';

/** What limits the period of a backfill. */
export interface PeriodLimits {
  /** Atlas's time, ms. */
  now: number;
  /** How long Atlas keeps anything of the dataset, ms; null if that has no known end. */
  retention: number | null;
  /** The age at which the bucket deletes the dataset's objects, days; null if it keeps them. */
  expiresAfterDays: number | null;
}

/** When Atlas began (June 2016, MongoDB's announcement). Without a lower end, a mistyped year would take hours. */
const FIRST_DAY = Date.parse('2016-06-01T00:00:00Z');

/** Parses the period that options name. @throws {UsageFailure} */
export function parsePeriod(options: { from: string; to: string }): Period {
  const period = { from: parseInstant('--from', options.from), to: parseInstant('--to', options.to) };
  if (period.from < FIRST_DAY) {
    throw new UsageFailure(`--from ${options.from} is before Atlas existed: choose 2016-06-01 or later`);
  }
  if (period.from < period.to) return period;
  throw new UsageFailure(
    `--from ${options.from} is not before --to ${options.to}, which is not part of the period`,
  );
}

/** @throws {UsageFailure} when nothing of the period can be read, or the lake no longer has what it must be compared with */
export function checkPeriod({ from, to }: Period, { now, retention, expiresAfterDays }: PeriodLimits): void {
  if (to > now) {
    throw new UsageFailure(
      `--to ${iso(to)} is later than Atlas's clock, which shows ${iso(now)}: choose an earlier time`,
    );
  }
  if (retention !== null && to <= now - retention) {
    throw new UsageFailure(
      `Atlas keeps this dataset for ${retention / DAY} days: nothing from before ${iso(now - retention)} can be read`,
    );
  }
  if (expiresAfterDays !== null && from < now - expiresAfterDays * DAY) {
    throw new UsageFailure(
      `the bucket deletes the dataset's objects after ${expiresAfterDays} days, so nothing shows which older rows were there: choose --from after ${iso(now - expiresAfterDays * DAY)}`,
    );
  }
}
