import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { datasets } from '../../functions/datasets.ts';
import { DAY, SECOND } from '../../shared/durations.ts';
import { REPORT_EVERY } from '../../shared/engine/run-statistics.ts';
import { NO_CLUSTERS } from '../cluster-verdicts.ts';
import { type CursorReader, withCursorSnapshot } from '../cursor-snapshot.ts';
import { queryRows } from '../duckdb/query.ts';
import { UsageFailure } from '../failure.ts';
import { lakeExists } from '../lake-session.ts';
import type { DatasetStatus } from '../lake-status.ts';
import { readStatus } from '../lake-status.ts';
import { type LastCollect, readLastCollect } from '../last-collect.ts';
import { BUCKET } from '../local-aws.ts';
import { instant, number, type Row, text } from '../report/section.ts';
import { SUBJECT_NAMES, subjectNames } from '../subject-names.ts';
import { Findings } from '../verification/findings.ts';
import { folderRecords, type RecordSource } from '../verification/folder-source.ts';
import { hasOrphanedBatch } from '../verification/verify-cursors.ts';
import { verifyRecords } from '../verification/verify-objects.ts';
import type { DatasetFacts, GapFacts, LakeFacts, MissingFacts } from './facts.ts';
import { LAST_RUNS } from './last-runs.ts';

/** Gaps that were found longer ago are old news. */
export const NEW_GAPS = DAY;

/** Days whose rows are checked for duplicates. `verify` checks all. */
const DUPLICATE_DAYS = 3;

/** Read access to what a check looks at, in a folder or in S3. */
export interface CheckAccess {
  /** Runs a function on the cursors; null for a lake that was copied without them. */
  withCursors: (<Result>(use: (cursors: CursorReader) => Promise<Result>) => Promise<Result>) | null;
  /** The commit records that are compared with the objects. */
  records: RecordSource;
  lastCollect: LastCollect | null;
  /** Whether the database has all rows of the lake. Otherwise headers say how far it is collected, and count its gaps. */
  hasAllRows: boolean;
  unchecked: readonly string[];
}

/** Returns access to a lake's folder. It takes no lock and writes nothing there. */
export async function folderAccess(lake: string): Promise<CheckAccess> {
  const folder = path.resolve(lake);
  const hasCursors = await lakeExists(folder);
  return {
    withCursors: hasCursors ? (use) => withCursorSnapshot(folder, use) : null,
    records: folderRecords(path.join(folder, BUCKET)),
    lastCollect: await readLastCollect(folder),
    hasAllRows: true,
    unchecked: [
      `Duplicates: only the last ${DUPLICATE_DAYS} days are checked; verify checks the whole lake.`,
    ],
  };
}

/** Reads what a check looks at. */
export async function readFacts(
  connection: DuckDBConnection,
  access: CheckAccess,
  now: number,
): Promise<LakeFacts> {
  const { withCursors, hasAllRows, lastCollect, unchecked } = access;
  const unreadable: string[] = [];
  const rows = async (sql: string): Promise<Row[]> => {
    try {
      return await queryRows(connection, sql);
    } catch (error) {
      if (!(error instanceof UsageFailure)) throw error;
      unreadable.push(`the lake cannot be read: ${error.message}; see docs/runbook.md#restore`);
      return [];
    }
  };
  const reported = (await rows(`${LAST_RUNS} ORDER BY dataset, project_id`)).map(fromView);
  const {
    datasets: states,
    missing,
    damaged,
    gaps: counted,
  } = withCursors === null
    ? { datasets: reported, missing: [], damaged: [], gaps: 0 }
    : await withCursors((cursors) => readCursors(cursors, hasAllRows ? reported : null, access.records, now));
  const gaps = await rows(gapsSince(now - NEW_GAPS));
  return {
    datasets: states,
    missing,
    lastCollect,
    gaps: gaps.flatMap(gapOf),
    olderGaps: hasAllRows ? sumOf(gaps, 'older') : Math.max(counted - sumOf(gaps, 'new'), 0),
    duplicates: (
      await rows(
        `SELECT * FROM duplicate_rows WHERE dt >= '${day(now - DUPLICATE_DAYS * DAY)}' ORDER BY dt, table_name`,
      )
    ).map((row) => ({
      table: text(row, 'table_name'),
      day: text(row, 'dt'),
      rows: number(row, 'extra_rows') ?? 0,
    })),
    secrets: (await rows('SELECT name, expires_at FROM expiring_secrets ORDER BY expires_at')).map((row) => ({
      owner: text(row, 'name'),
      expiresAt: instant(row, 'expires_at') ?? now,
    })),
    hasServiceAccounts:
      (await rows("SELECT 1 FROM users_by_role WHERE resource_type <> 'project_user' LIMIT 1")).length > 0,
    names: subjectNames(await rows(SUBJECT_NAMES)),
    unchecked,
    unreadable: [...new Set(unreadable), ...damaged],
  };
}

/**
 * Reads the cursors, and compares the commit records with the objects that exist.
 * @param reported what rows say about the last runs; null if only headers know them
 */
async function readCursors(
  cursors: CursorReader,
  reported: readonly DatasetFacts[] | null,
  records: RecordSource,
  now: number,
): Promise<Pick<LakeFacts, 'datasets' | 'missing'> & { damaged: string[]; gaps: number }> {
  const status = await readStatus(cursors);
  const unlisted = new Map<string, number>();
  for (const { name } of datasets) {
    for (const { subject, absence } of await cursors.subjects.read(name)) {
      if (absence !== null) unlisted.set(`${name}/${subject.id}`, absence.since);
    }
  }
  const findings = new Findings();
  const checked = { objects: 0, rows: 0, commits: 0, unrecorded: 0, expired: 0, replaced: 0, removed: 0 };
  for (const { dataset, subject } of status) {
    await verifyRecords(records, { dataset, subject }, { findings, checked, now });
  }
  const found = findings.list();
  return {
    missing: found
      .filter(({ problem }) => problem === 'missing')
      .map(({ table, day: ofDay, count, example }): MissingFacts => ({ table, day: ofDay, count, example })),
    damaged: found
      .filter(({ problem }) => problem === 'unreadable')
      .map(({ example }) => `${example} cannot be read; see docs/runbook.md#restore`),
    gaps: status.reduce((sum, { statistics }) => sum + statistics.gaps, 0),
    datasets: status.map((one) => ({
      ...fromCursors(one, now),
      collectedUpTo:
        reported === null
          ? headerUpTo(one)
          : collectedUpTo(
              one,
              reported.find(({ dataset, subject }) => dataset === one.dataset && subject === one.subject),
            ),
      unlistedSince: unlisted.get(`${one.dataset}/${one.subject}`) ?? null,
    })),
  };
}

/**
 * Returns how far a dataset was collected by its last run. The runs know which targets count: some can never be read, and
 * their watermarks stand still. A quiet run is known to the header only.
 */
function collectedUpTo({ statistics }: DatasetStatus, reported: DatasetFacts | undefined): number | null {
  if (!reported?.lastRun || reported.collectedUpTo === null) return null;
  const last = statistics.last_run;
  if (!last || last.started_at <= reported.lastRun.startedAt) return reported.collectedUpTo;
  return headerUpTo({ statistics }) ?? reported.collectedUpTo;
}

/** Returns how far the header says that the last run collected; null if it does not say it. */
function headerUpTo({ statistics: { last_run: last } }: Pick<DatasetStatus, 'statistics'>): number | null {
  if (!last || last.lag_seconds === null) return null;
  return last.started_at - last.lag_seconds * SECOND;
}

function fromCursors(
  { dataset, subject, statistics, header, clusters }: DatasetStatus,
  now: number,
): DatasetFacts {
  const last = statistics.last_run;
  return {
    dataset,
    subject,
    lastRun: last && {
      startedAt: last.started_at,
      outcome: last.outcome,
      failedTargets: last.failed_targets,
    },
    hiddenFor: 0,
    collectedUpTo: null,
    pending: hasOrphanedBatch(header, now) ? (header.pending?.objects.length ?? 0) : 0,
    unlistedSince: null,
    clusters,
  };
}

/** Returns what the lake's own files say, for a lake that was copied without its cursors. */
function fromView(row: Row): DatasetFacts {
  const outcome = text(row, 'last_outcome');
  const startedAt = instant(row, 'last_run');
  return {
    dataset: text(row, 'dataset'),
    subject: text(row, 'project_id'),
    lastRun:
      startedAt === null
        ? null
        : {
            startedAt,
            outcome:
              outcome === 'partial' || outcome === 'failed' || outcome === 'continued' ? outcome : 'complete',
            failedTargets: number(row, 'failed_targets') ?? 0,
          },
    hiddenFor: REPORT_EVERY,
    collectedUpTo: instant(row, 'collected_up_to'),
    pending: 0,
    unlistedSince: null,
    clusters: NO_CLUSTERS,
  };
}

function gapsSince(since: number): string {
  const isNew = `collected_at >= TIMESTAMP '${timestamp(since)}'`;
  return `SELECT dataset, project_id, count(*) FILTER (WHERE ${isNew}) AS new, count(*) FILTER (WHERE NOT (${isNew})) AS older,
  min(ts) FILTER (WHERE ${isNew}) AS first, max(gap_end) FILTER (WHERE ${isNew}) AS last
FROM open_gaps GROUP BY dataset, project_id ORDER BY dataset, project_id`;
}

function gapOf(row: Row): GapFacts[] {
  const [count, from, to] = [number(row, 'new'), instant(row, 'first'), instant(row, 'last')];
  if (!count || from === null || to === null) return [];
  return [{ dataset: text(row, 'dataset'), subject: text(row, 'project_id'), count, from, to }];
}

function sumOf(rows: readonly Row[], column: string): number {
  return rows.reduce((sum, row) => sum + (number(row, column) ?? 0), 0);
}

function timestamp(at: number): string {
  return new Date(at).toISOString().slice(0, 23).replace('T', ' ');
}

function day(at: number): string {
  return timestamp(at).slice(0, 10);
}
