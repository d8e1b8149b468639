import { defineTable, type RowOf, type Table } from '../lake/table.ts';
import type { DatasetDeclaration } from './dataset.ts';

/** The tables that every dataset writes beside its own. */

export const collectionGaps = defineTable({
  name: 'collection_gaps',
  description: 'Spans of time that can never be collected, because Atlas dropped them first.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    { name: 'dataset', type: 'string', description: 'The dataset whose values are missing.' },
    {
      name: 'target',
      type: 'string',
      description:
        'What the values are about: process and database, process and disk, process, host, project.',
    },
    { name: 'ts', type: 'timestamp', description: 'Start of the gap.' },
    { name: 'gap_end', type: 'timestamp', description: 'End of the gap; this instant is not part of it.' },
    { name: 'reason', type: 'string', description: 'Why the values are lost.' },
    { name: 'collected_at', type: 'timestamp', description: 'When the gap was found.' },
  ],
  naturalKey: ['project_id', 'dataset', 'target', 'ts', 'gap_end'],
});

export const collectionRuns = defineTable({
  name: 'collection_runs',
  description: 'What the runs of a dataset did. Runs that wrote nothing are counted into the next row.',
  columns: [
    {
      name: 'project_id',
      type: 'string',
      description: 'The Atlas project; the organisation where the run was about one.',
    },
    { name: 'dataset', type: 'string', description: 'The dataset that was collected.' },
    { name: 'tick', type: 'timestamp', description: 'When the run was due.' },
    { name: 'ts', type: 'timestamp', description: 'When the run started.' },
    { name: 'finished_at', type: 'timestamp', description: 'When the run had fetched what it could.' },
    {
      name: 'outcome',
      type: 'string',
      description:
        'complete, continued (time or rate limit ran out, more follows), partial (some targets failed) or failed (nothing could be collected).',
    },
    {
      name: 'runs',
      type: 'int',
      description: 'How many runs this row counts: itself, and those before it without a row of their own.',
    },
    { name: 'targets', type: 'int', description: 'Targets that the run had to look after.' },
    {
      name: 'failed_targets',
      type: 'int',
      description: 'Targets that could not be collected; their marks stayed.',
    },
    { name: 'requests', type: 'int', description: 'HTTP requests to Atlas, retries included.' },
    {
      name: 'throttled',
      type: 'int',
      description: 'Requests that Atlas refused or the rate limiter held back.',
    },
    { name: 'rows', type: 'int', description: 'Rows written, gaps included, rows of this table not.' },
    { name: 'objects', type: 'int', description: 'Objects written, those of this table not.' },
    { name: 'bytes', type: 'bigint', unit: 'bytes', description: 'Compressed size of those objects.' },
    {
      name: 'first_dt',
      type: 'string',
      nullable: true,
      description: 'First day whose partition was written or emptied.',
    },
    {
      name: 'last_dt',
      type: 'string',
      nullable: true,
      description: 'Last day whose partition was written or emptied.',
    },
    {
      name: 'lag_seconds',
      type: 'int',
      unit: 'seconds',
      description:
        'How far the target that is furthest behind is behind the run. Below zero where a clock was wrong.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the row was made.' },
    {
      name: 'notes',
      type: 'string',
      nullable: true,
      description:
        'What the runs have to say beside failures, a JSON array of texts: for instance, what Atlas refuses to show, and why.',
    },
  ],
  naturalKey: ['project_id', 'dataset', 'ts'],
});

export type CollectionRunRow = RowOf<typeof collectionRuns>;
export type CollectionGapRow = RowOf<typeof collectionGaps>;

/** Every table that a dataset's runs write. */
export function tablesWrittenBy({ tables }: Pick<DatasetDeclaration, 'tables'>): readonly Table[] {
  return [...tables, collectionGaps, collectionRuns];
}

/** Every table of the lake. */
export function lakeTables(datasets: readonly Pick<DatasetDeclaration, 'tables'>[]): readonly Table[] {
  return [...datasets.flatMap(({ tables }) => tables), collectionGaps, collectionRuns];
}
