import type { DuckDBConnection } from '@duckdb/node-api';
import { datasets } from '../../functions/datasets.ts';
import type { CollectorConfig } from '../../shared/config.ts';
import { minute } from '../times.ts';
import type { LakeFacts } from './facts.ts';
import { type Problem, problemsOf } from './problems.ts';
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
  { lake, config, now }: { lake: string; config: CollectorConfig; now: number },
): Promise<Verdict> {
  const facts = await readFacts(connection, await folderAccess(lake), now);
  return verdictOf(facts, problemsOf(facts, { now, datasets, config, isDeployed: false }), lake);
}

/** Judges a lake in S3 that the stack collects. */
export async function judgeBucket(
  lake: BucketLake,
  { config, now }: { config: CollectorConfig; now: number },
): Promise<Verdict> {
  const facts = await withBucketAccess(lake, now, (connection, access) => readFacts(connection, access, now));
  return verdictOf(
    facts,
    problemsOf(facts, { now, datasets, config, isDeployed: true }),
    `s3://${lake.bucket}`,
  );
}

export function verdictOf(facts: LakeFacts, problems: Problem[], lake: string): Verdict {
  if (facts.datasets.every(({ lastRun }) => lastRun === null)) {
    // Each dataset is a problem, but one line says it better.
    const others = problems.filter(({ kind }) => kind !== 'never-collected');
    const advice = lake.startsWith('s3://') ? 'Check the schedules of the stack.' : 'Run collect.';
    const summary = `Cannot tell: nothing was ever collected into ${lake}. ${advice}`;
    return { verdict: 'unknown', summary, problems: others, notes: [] };
  }
  const notes = notesOf(facts);
  if (problems.length > 0) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    return { verdict: 'wrong', summary: `Something is wrong: ${count}.`, problems, notes };
  }
  const reached = facts.datasets.flatMap(({ collectedUpTo }) => collectedUpTo ?? []);
  const names = new Set(facts.datasets.map(({ dataset }) => dataset));
  const upTo = reached.length === 0 ? '' : `, all up to ${minute(Math.min(...reached))} or later`;
  const summary = `All is well: ${names.size} datasets are collected${upTo}.`;
  return { verdict: 'well', summary, problems, notes };
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
    notes.push(`Gaps that were found more than a day ago: ${olderGaps} (collection_gaps).`);
  }
  if (known.length > 0 && !hasServiceAccounts && secrets.length === 0) {
    notes.push('Credentials: unknown when they expire, because the inventory has no service account.');
  }
  return notes;
}
