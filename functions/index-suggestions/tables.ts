import { type Column, defineTable } from '../../shared/lake/table.ts';

/** The columns that name a snapshot. */
const snapshotColumns = [
  { name: 'project_id', type: 'string', description: 'The Atlas project.' },
  { name: 'cluster_name', type: 'string', description: 'The cluster.' },
  {
    name: 'kind',
    type: 'string',
    description: 'create_index, drop_index or schema_advice.',
    example: 'create_index',
  },
  {
    name: 'ts',
    type: 'timestamp',
    description:
      'The start of the day. Indexes to create are suggested for the queries of that day. The others are as they were suggested on that day.',
    example: '2026-03-02 00:00:00.000',
  },
] as const satisfies readonly Column[];

export const indexSuggestions = defineTable({
  name: 'index_suggestions',
  description:
    'What the Performance Advisor suggests for a cluster on each day: indexes to create, indexes to drop, and advice on schemas.',
  columns: [
    ...snapshotColumns,
    {
      name: 'reason',
      type: 'string',
      nullable: true,
      description:
        "Why: HIDDEN, REDUNDANT or UNUSED for an index to drop, Atlas's recommendation for a schema; null for an index to create.",
      example: 'REDUCE_LOOKUP_OPS',
    },
    {
      name: 'namespace',
      type: 'string',
      nullable: true,
      description: 'The database and collection; null for advice on a whole cluster.',
    },
    {
      name: 'index_keys',
      type: 'string',
      nullable: true,
      description: 'The keys of the index in their order, as JSON; null for a schema.',
      example: '[{"status":1},{"ts":-1}]',
    },
    {
      name: 'index_name',
      type: 'string',
      nullable: true,
      description: 'The name of an index to drop.',
      example: 'status_1_ts_-1',
    },
    {
      name: 'weight',
      type: 'double',
      nullable: true,
      description:
        'The improvement that Atlas estimates for an index to create: the impact in its user interface.',
      example: '0.86',
    },
    {
      name: 'avg_object_bytes',
      type: 'double',
      unit: 'bytes',
      nullable: true,
      description: 'The mean size of a document in the collection of an index to create.',
      example: '512',
    },
    {
      name: 'impacted_shapes',
      type: 'int',
      nullable: true,
      description: 'How many query shapes an index to create would help.',
      example: '2',
    },
    {
      name: 'impacted_queries',
      type: 'double',
      nullable: true,
      description: 'How many queries of these shapes Atlas examined.',
      example: '1250',
    },
    {
      name: 'impacted_avg_ms',
      type: 'double',
      unit: 'milliseconds',
      nullable: true,
      description: 'The mean duration of these queries.',
      example: '482.1',
    },
    {
      name: 'inefficiency_score',
      type: 'double',
      nullable: true,
      description:
        'How many documents these queries read for each one that they returned, for the worst shape.',
      example: '5225',
    },
    {
      name: 'access_count',
      type: 'double',
      nullable: true,
      description: 'How often an index to drop was used since access_since.',
      example: '0',
    },
    {
      name: 'access_since',
      type: 'timestamp',
      nullable: true,
      description: 'The time that Atlas gives with access_count.',
    },
    {
      name: 'size_bytes',
      type: 'double',
      unit: 'bytes',
      nullable: true,
      description: 'The size of an index to drop.',
      example: '104857600',
    },
    {
      name: 'shards',
      type: 'string',
      nullable: true,
      description: 'The shards that have an index to drop, as a JSON array; null if Atlas names none.',
      example: '["shard-0"]',
    },
    {
      name: 'triggers',
      type: 'string',
      nullable: true,
      description: 'What triggered advice on a schema, as a JSON array of types.',
      example: '["NUMBER_OF_QUERIES_USE_LOOKUP"]',
    },
    {
      name: 'description',
      type: 'string',
      nullable: true,
      description: "Atlas's description of advice on a schema.",
      example: 'Reduce the use of $lookup operations',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the suggestion was read.' },
  ],
  naturalKey: ['project_id', 'cluster_name', 'kind', 'ts', 'reason', 'namespace', 'index_keys', 'index_name'],
  partitionedBy: 'month',
});

export const indexSuggestionSnapshots = defineTable({
  name: 'index_suggestion_snapshots',
  description:
    'When the Performance Advisor was read: one row for each day, cluster and kind, even if nothing was suggested.',
  columns: [
    ...snapshotColumns,
    {
      name: 'suggestions',
      type: 'int',
      description: 'Number of rows of index_suggestions with this day, cluster and kind.',
      example: '3',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When it was read.' },
  ],
  naturalKey: ['project_id', 'cluster_name', 'kind', 'ts'],
  partitionedBy: 'month',
});
