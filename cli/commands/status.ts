import { leftOut, summarised } from '../cluster-verdicts.ts';
import { withCursorSnapshot } from '../cursor-snapshot.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { printJson } from '../json-output.ts';
import { readSubjectNames } from '../lake-names.ts';
import { lakeExists } from '../lake-session.ts';
import { type DatasetStatus, furthestBehind, readStatus, type TargetStatus } from '../lake-status.ts';
import { plainTable } from '../plain-table.ts';
import { nameOf, type SubjectNames } from '../subject-names.ts';
import { iso, minute, span } from '../times.ts';

export interface StatusOptions {
  lake: string;
  targets: boolean;
  json: boolean;
}

/** Prints one row for each dataset and project: how far it is committed, and how its last run ended. */
export async function status(options: StatusOptions): Promise<number> {
  if (!(await lakeExists(options.lake))) {
    throw new UsageFailure(
      `there is no lake in ${options.lake}: collect first, or choose another folder (--lake DIR)`,
    );
  }
  const all = await withCursorSnapshot(options.lake, readStatus);
  const names = await readSubjectNames(options.lake);
  const now = Date.now();
  if (options.json) {
    printJson(all.map((one) => jsonStatus(one, options.targets, names, now)));
    return EXIT.done;
  }
  process.stdout.write(`${options.targets ? targetTable(all, names, now) : datasetTable(all, names, now)}\n`);
  const lines = leftOut(summarised(all.map(ofDataset)));
  if (lines.length > 0) process.stdout.write(`\n${lines.join('\n')}\n`);
  return EXIT.done;
}

function ofDataset({ subject, statistics, clusters }: DatasetStatus) {
  return { subject, clusters, lastRun: statistics.last_run?.started_at ?? null };
}

function jsonStatus(one: DatasetStatus, withTargets: boolean, names: SubjectNames, now: number) {
  const upTo = furthestBehind(one.targets);
  const last = one.statistics.last_run;
  return {
    dataset: one.dataset,
    project: one.subject,
    name: names.get(one.subject) ?? null,
    targets: one.targets.length,
    committedUpTo: upTo === null ? null : iso(upTo),
    lagSeconds: upTo === null ? null : Math.round((now - upTo) / 1000),
    gaps: one.statistics.gaps,
    clusters: one.clusters,
    lastRun: last && {
      tick: iso(last.tick),
      startedAt: iso(last.started_at),
      finishedAt: iso(last.finished_at),
      outcome: last.outcome,
      failedTargets: last.failed_targets,
    },
    ...(withTargets && {
      targetList: one.targets.map(({ target, listed, verdict, ...rest }) => ({
        target,
        listed,
        selected: verdict === 'selected',
        committedUpTo: iso(rest.committedUpTo),
      })),
      notSelected: one.unread.map(({ source }) => source),
    }),
  };
}

/** The table needs this width. A narrower terminal gets the columns that say whether something is late. */
const FULL_WIDTH = 110;

function datasetTable(all: readonly DatasetStatus[], names: SubjectNames, now: number): string {
  const isNarrow = process.stdout.isTTY && process.stdout.columns < FULL_WIDTH;
  const rows = all.map((one) => {
    const upTo = furthestBehind(one.targets);
    const last = one.statistics.last_run;
    return {
      dataset: one.dataset,
      project: nameOf(names, one.subject),
      targets: one.targets.length,
      'committed up to': upTo === null ? '–' : minute(upTo),
      lag: upTo === null ? '–' : span(now - upTo),
      gaps: one.statistics.gaps,
      'last run': last ? `${isNarrow ? '' : `${minute(last.started_at)} `}${last.outcome}` : '–',
    };
  });
  const columns = isNarrow
    ? (['dataset', 'project', 'committed up to', 'lag', 'last run'] as const)
    : (['dataset', 'project', 'targets', 'committed up to', 'lag', 'gaps', 'last run'] as const);
  return plainTable(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
}

function targetTable(all: readonly DatasetStatus[], names: SubjectNames, now: number): string {
  return plainTable(
    ['dataset', 'project', 'target', 'committed up to', 'lag'],
    all.flatMap(({ dataset, subject, targets, unread }) => [
      ...targets.map((target) => [
        dataset,
        nameOf(names, subject),
        `${target.target}${remarkOf(target)}`,
        minute(target.committedUpTo),
        span(now - target.committedUpTo),
      ]),
      ...unread.map(({ source, verdict }) => [
        dataset,
        nameOf(names, subject),
        `${source}${remarkOf({ listed: true, verdict })}`,
        '–',
        '–',
      ]),
    ]),
  );
}

function remarkOf({ listed, verdict }: Pick<TargetStatus, 'listed' | 'verdict'>): string {
  if (verdict === 'deselected') return ' (not selected)';
  if (verdict === 'unknown') return ' (cluster unknown)';
  return listed ? '' : ' (no longer listed)';
}
