import { defineTable, type RowOf, type Table } from '../lake/table.ts';
import type { DatasetDeclaration } from './declaration.ts';

/** The tables that runs of every dataset write in addition to its own. Only a backfill writes `filled_gaps`. */

export const collectionGaps = defineTable({
  name: 'collection_gaps',
  description: 'Spans of time that can never be collected, because Atlas deleted the data first.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    { name: 'dataset', type: 'string', description: 'The dataset whose values are missing.' },
    {
      name: 'target',
      type: 'string',
      description:
        'The target of the missing values: process and database, process and disk, process, host or project.',
    },
    { name: 'ts', type: 'timestamp', description: 'The start of the gap.' },
    { name: 'gap_end', type: 'timestamp', description: 'The end of the gap (exclusive).' },
    { name: 'reason', type: 'string', description: 'Why the values are lost.' },
    { name: 'collected_at', type: 'timestamp', description: 'When the gap was found.' },
    {
      name: 'cluster_name',
      type: 'string',
      nullable: true,
      description:
        'The cluster of the target, as far as it was known; null for a target without a cluster, and in rows from before 0.1.0.',
    },
  ],
  naturalKey: ['project_id', 'dataset', 'target', 'ts', 'gap_end'],
  partitionedBy: 'month',
});

export const filledGaps = defineTable({
  name: 'filled_gaps',
  description:
    'Parts of gaps that a backfill read, because Atlas had their values after all. All values that Atlas had of such a part are in the lake.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    { name: 'dataset', type: 'string', description: 'The dataset of the gap.' },
    { name: 'target', type: 'string', description: 'The target of the gap, as in collection_gaps.' },
    { name: 'ts', type: 'timestamp', description: 'The start of the gap.' },
    { name: 'gap_end', type: 'timestamp', description: 'The end of the gap (exclusive).' },
    { name: 'filled_from', type: 'timestamp', description: 'The start of the part that was read.' },
    { name: 'filled_to', type: 'timestamp', description: 'The end of that part (exclusive).' },
    { name: 'collected_at', type: 'timestamp', description: 'When it was read.' },
  ],
  naturalKey: ['project_id', 'dataset', 'target', 'ts', 'gap_end', 'filled_from'],
  partitionedBy: 'month',
});

export const collectionRuns = defineTable({
  name: 'collection_runs',
  description:
    'Statistics of the runs of each dataset: a row every six hours, and one at once for a run that is not complete or notes something. A row also counts the runs before it that have none.',
  columns: [
    {
      name: 'project_id',
      type: 'string',
      description: 'The Atlas project, or the organisation for a run of an organisation.',
    },
    { name: 'dataset', type: 'string', description: 'The dataset that was collected.' },
    { name: 'tick', type: 'timestamp', description: 'When the run was due.' },
    { name: 'ts', type: 'timestamp', description: 'When the run started.' },
    { name: 'finished_at', type: 'timestamp', description: 'When the run finished fetching.' },
    {
      name: 'outcome',
      type: 'string',
      description:
        'complete, continued (time or rate limit ran out; a later run continues), partial (some targets failed) or failed (nothing could be collected).',
    },
    {
      name: 'runs',
      type: 'int',
      description: 'Number of runs in this row: this run, and the runs before it that have no row.',
    },
    { name: 'targets', type: 'int', description: 'Number of targets of the run.' },
    {
      name: 'failed_targets',
      type: 'int',
      description: 'Number of targets that could not be collected. Their watermarks did not move.',
    },
    { name: 'requests', type: 'int', description: 'Number of HTTP requests to Atlas, including retries.' },
    {
      name: 'throttled',
      type: 'int',
      description: 'Number of requests that Atlas throttled or the rate limiter delayed.',
    },
    {
      name: 'rows',
      type: 'int',
      description: 'Number of rows written, including gaps, without rows of this table.',
    },
    {
      name: 'objects',
      type: 'int',
      description: 'Number of objects written, without objects of this table.',
    },
    { name: 'bytes', type: 'bigint', unit: 'bytes', description: 'Compressed size of those objects.' },
    {
      name: 'first_dt',
      type: 'string',
      nullable: true,
      description: 'The first day whose partition was written or emptied.',
    },
    {
      name: 'last_dt',
      type: 'string',
      nullable: true,
      description: 'The last day whose partition was written or emptied.',
    },
    {
      name: 'lag_seconds',
      type: 'int',
      unit: 'seconds',
      description: 'The lag of the target that is furthest behind the run. Negative if a clock was wrong.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the row was created.' },
    {
      name: 'notes',
      type: 'string',
      nullable: true,
      description:
        'Notes of the runs other than failures, as a JSON array of texts: for example, what Atlas refuses to return and why.',
    },
  ],
  naturalKey: ['project_id', 'dataset', 'ts'],
  partitionedBy: 'month',
});

export type CollectionRunRow = RowOf<typeof collectionRuns>;
export type CollectionGapRow = RowOf<typeof collectionGaps>;
export type FilledGapRow = RowOf<typeof filledGaps>;

/** Returns every table that a dataset's runs write. */
export function tablesWrittenBy({ tables }: Pick<DatasetDeclaration, 'tables'>): readonly Table[] {
  return [...tables, collectionGaps, collectionRuns, filledGaps];
}

/** Returns every table of the lake. */
export function lakeTables(datasets: readonly Pick<DatasetDeclaration, 'tables'>[]): readonly Table[] {
  return [...datasets.flatMap(({ tables }) => tables), collectionGaps, collectionRuns, filledGaps];
}
