import type { DuckDBConnection } from '@duckdb/node-api';
import { datasets as all } from '../../functions/datasets.ts';
import type { CollectorConfig } from '../../shared/config.ts';
import { matches } from '../../shared/patterns.ts';
import { type ClusterSummary, leftOut, notSelected } from '../cluster-verdicts.ts';
import type { ReadConfig } from '../collector-config.ts';
import { minute } from '../times.ts';
import type { LakeFacts } from './facts.ts';
import { clustersIn, type Problem, problemsOf } from './problems.ts';
import { folderAccess, readFacts } from './read-facts.ts';
import { type BucketLake, withBucketAccess } from './s3-access.ts';

/** The judgement about a lake. */
export interface Verdict {
  /** `unknown` if nothing was ever collected. */
  verdict: 'well' | 'wrong' | 'unknown';
  /** One line. */
  summary: string;
  problems: Problem[];
  /** What the check does not know or did not judge, one line each. */
  notes: string[];
}

/** Judges a lake. `check` and the report start with the result. */
export async function judge(
  connection: DuckDBConnection,
  { lake, config, datasets, now }: ReadConfig & { lake: string; now: number },
): Promise<Verdict> {
  const facts = await readFacts(connection, await folderAccess(lake), now);
  const problems = problemsOf(facts, { now, datasets, config, isDeployed: false });
  return verdictOf(facts, problems, { lake, config });
}

/** Judges a lake in S3 that the stack collects. */
export async function judgeBucket(
  lake: BucketLake,
  { config, datasets, now }: ReadConfig & { now: number },
): Promise<Verdict> {
  const facts = await withBucketAccess(lake, now, (connection, access) => readFacts(connection, access, now));
  const problems = problemsOf(facts, { now, datasets, config, isDeployed: true });
  return verdictOf(facts, problems, { lake: `s3://${lake.bucket}`, config });
}

/** Returns the verdict, and how far everything is collected. It never calls all well without what is not selected. */
export function verdictOf(
  facts: LakeFacts,
  problems: Problem[],
  { lake, config }: { lake: string; config: CollectorConfig },
): Verdict {
  if (facts.datasets.every(({ lastRun }) => lastRun === null)) {
    // Each dataset is a problem, but one line says it better.
    const others = problems.filter(({ kind }) => kind !== 'never-collected');
    const advice = lake.startsWith('s3://') ? 'Check the schedules of the stack.' : 'Run collect.';
    const summary = `Cannot tell: nothing was ever collected into ${lake}. ${advice}`;
    return { verdict: 'unknown', summary, problems: others, notes: [] };
  }
  const clusters = clustersIn(facts, { datasets: all, config });
  const notes = [...clusterNotes(clusters, config), ...notesOf(facts)];
  if (problems.length > 0) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    return { verdict: 'wrong', summary: `Something is wrong: ${count}.`, problems, notes };
  }
  const reached = facts.datasets.flatMap(({ collectedUpTo }) => collectedUpTo ?? []);
  const names = new Set(facts.datasets.map(({ dataset }) => dataset));
  const upTo = reached.length === 0 ? '' : `, all up to ${minute(Math.min(...reached))} or later`;
  const { length: left } = clusters.deselected;
  const without = left === 0 ? '' : `; ${notSelected(left)}`;
  const summary = `All is well: ${names.size} datasets are collected${upTo}${without}.`;
  return { verdict: 'well', summary, problems, notes };
}

/** Returns which clusters are left out, and which patterns of names match none. */
function clusterNotes(
  { selected, deselected }: ClusterSummary,
  { clusters: patterns }: CollectorConfig,
): string[] {
  const left = selected.length === 0 ? [] : leftOut({ selected, deselected, unknown: 0 });
  const known = [...selected, ...deselected];
  if (!patterns || known.length === 0) return left.map((line) => `Clusters: ${line}.`);
  const useless = (['include', 'exclude'] as const).flatMap((field) =>
    patterns[field]
      .filter((pattern) => !known.some((name) => matches(pattern, name)))
      .map(
        (pattern) => `clusters.${field} ${JSON.stringify(pattern)} matches none of ${known.length} clusters`,
      ),
  );
  return [...left, ...useless].map((line) => `Clusters: ${line}.`);
}

function notesOf({
  unchecked,
  olderGaps,
  hasServiceAccounts,
  secrets,
  datasets: known,
}: LakeFacts): string[] {
  const notes = [...unchecked];
  if (olderGaps > 0) {
    notes.push(`Gaps that were found more than a day ago: ${olderGaps} (open_gaps).`);
  }
  if (known.length > 0 && !hasServiceAccounts && secrets.length === 0) {
    notes.push('Credentials: unknown when they expire, because the inventory has no service account.');
  }
  return notes;
}
