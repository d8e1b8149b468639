import { untrustedText } from '../../shared/atlas/untrusted-text.ts';
import { type BackfillResult, isComplete } from '../../shared/engine/backfill/backfill.ts';
import { noFindings, sum } from '../../shared/engine/backfill/findings.ts';
import type { Period } from '../../shared/engine/backfill/rereading.ts';
import { isRefusal } from '../../shared/engine/errors.ts';
import { minute } from '../times.ts';
import { grouped } from '../words.ts';

/** A finished backfill. */
export interface Backfilled {
  dataset: string;
  period: Period;
  dryRun: boolean;
  results: readonly BackfillResult[];
}

/** How many problems of one kind are printed. `--json` has all. */
const SHOWN = 10;

/** Returns whether everything that Atlas has of the period is in the lake, as far as runs have read it. */
export function isDone(results: readonly BackfillResult[]): boolean {
  return results.every(({ findings, failures }) => {
    // Some hosts never have data of some kinds. A refusal of everything is another thing.
    const isRead = findings.refusals.size === 0 || findings.present + findings.absent > 0;
    return (
      failures.length === 0 &&
      isRead &&
      isComplete({ ...findings, covered: 0, unread: 0, refusals: new Set() })
    );
  });
}

export function jsonReport({ dataset, period, dryRun, results }: Backfilled): string {
  const iso = (instant: number) => new Date(instant).toISOString();
  return JSON.stringify({
    dataset,
    from: iso(period.from),
    to: iso(period.to),
    dryRun,
    complete: isDone(results),
    projects: results.map(({ subject, findings, requests, failures, replacedObjects }) => ({
      project: subject.id,
      rows: findings.absent,
      rowsThereAlready: findings.present,
      rowsCovered: findings.covered,
      rowsNotComparable: findings.incomparable,
      filledGaps: findings.filledGaps,
      replacedObjects,
      requests,
      targetsNotReadToTheEnd: findings.unread,
      losses: findings.losses.map(({ target, from, to, reason }) => ({
        target,
        from: iso(from),
        to: iso(to),
        reason,
      })),
      oldestRowOfAtlas: findings.oldest === null ? null : iso(findings.oldest),
      refusals: [...findings.refusals],
      failures: failures.map(({ target, error }) => ({ target, error: error.message })),
    })),
  });
}

/** Returns what the backfill did, and what it could not do. */
export function textReport({ dataset, period, dryRun, results }: Backfilled): {
  done: string;
  problems: string[];
} {
  const all = results.reduce((total, { findings }) => sum(total, findings), noFindings());
  const replaced = results.reduce((count, { replacedObjects }) => count + replacedObjects, 0);
  const done = [
    `${dataset} from ${minute(period.from)} up to ${minute(period.to)}: ${grouped(all.absent)} rows ${dryRun ? 'would be written' : 'written'}, ${grouped(all.present)} were there already.`,
    ...(all.covered > 0
      ? [
          `${grouped(all.covered)} more were not written, because the lake has values of their time at another granularity.`,
        ]
      : []),
    ...(all.filledGaps > 0
      ? [`${grouped(all.filledGaps)} parts of gaps ${dryRun ? 'would be filled' : 'are filled'}.`]
      : []),
    all.oldest === null
      ? 'Atlas returned nothing.'
      : `The oldest value that Atlas returned is of ${minute(all.oldest)}.`,
    ...(replaced > 0 ? [`${grouped(replaced)} missing objects are replaced.`] : []),
    ...(all.unread > 0 ? ['The end of the period is not collected yet. It is left to collect.'] : []),
  ];
  const losses = all.losses.map(
    ({ target, from, to, reason }) =>
      `${untrustedText(target)} from ${minute(from)} up to ${minute(to)} cannot be read: ${reason}`,
  );
  const failures = results.flatMap(({ failures: its }) =>
    its.map(({ target, error }) => `${untrustedText(target)} failed: ${error.message}; ${adviceFor(error)}`),
  );
  const incomparable =
    all.incomparable > 0
      ? [
          `${grouped(all.incomparable)} rows were not written: the lake has other ids of their time, as after a change of redact or of its key`,
        ]
      : [];
  return {
    done: `${done.join('\n')}\n`,
    // All projects of a refused credential fail alike.
    problems: [...shortened(losses), ...shortened([...new Set(failures)]), ...incomparable, ...all.refusals],
  };
}

function adviceFor(error: Error): string {
  return isRefusal(error)
    ? 'check its entry among the credentials; if it is no longer there, put it back, let another one collect its projects once, or exclude them'
    : 'run the same command again';
}

function shortened(lines: readonly string[]): string[] {
  if (lines.length <= SHOWN) return [...lines];
  return [...lines.slice(0, SHOWN), `… and ${lines.length - SHOWN} more; --json lists all`];
}
