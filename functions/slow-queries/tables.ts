import { defineTable } from '../../shared/lake/table.ts';

export const slowQueries = defineTable({
  name: 'slow_queries',
  description:
    'Slow queries: the log lines that the query profiler collects, without the literal values of the queries unless the configuration keeps them.',
  columns: [
    { name: 'project_id', type: 'string', description: 'The Atlas project.' },
    {
      name: 'cluster_name',
      type: 'string',
      nullable: true,
      description: 'The cluster that the process belongs to.',
    },
    { name: 'process_id', type: 'string', description: 'The process that ran the query, as host and port.' },
    { name: 'ts', type: 'timestamp', description: 'When the process logged the query, at its end.' },
    { name: 'namespace', type: 'string', nullable: true, description: 'The database and collection.' },
    {
      name: 'op_type',
      type: 'string',
      nullable: true,
      description: 'The kind of operation, as Atlas returns it.',
      example: 'find',
    },
    {
      name: 'replica_state',
      type: 'string',
      nullable: true,
      description: 'The state of the process in its replica set, as Atlas returns it.',
      example: 'PRIMARY',
    },
    {
      name: 'duration_ms',
      type: 'bigint',
      nullable: true,
      unit: 'milliseconds',
      description: 'How long the query took.',
      example: '412',
    },
    {
      name: 'docs_examined',
      type: 'bigint',
      nullable: true,
      description: 'Number of documents that the query read.',
      example: '104500',
    },
    {
      name: 'docs_returned',
      type: 'bigint',
      nullable: true,
      description: 'Number of documents that the query returned.',
      example: '20',
    },
    {
      name: 'keys_examined',
      type: 'bigint',
      nullable: true,
      description: 'Number of index keys that the query read.',
      example: '0',
    },
    {
      name: 'response_bytes',
      type: 'bigint',
      nullable: true,
      unit: 'bytes',
      description: 'Size of the response.',
      example: '18234',
    },
    {
      name: 'is_user_query',
      type: 'boolean',
      nullable: true,
      description: "Whether a user's connection sent the query, and not the cluster itself.",
    },
    {
      name: 'plan_summary',
      type: 'string',
      nullable: true,
      description: 'The plan, from the log line: its stages and the keys of its indexes.',
      example: 'IXSCAN { status: 1, ts: -1 }',
    },
    {
      name: 'query_shape',
      type: 'string',
      nullable: true,
      description:
        'The command as JSON, from the log line, with the type of each value in its place. For a further batch of a cursor, the command that opened it.',
      example: '{"find":"?string","filter":{"status":"?string"},"sort":{"ts":-1}}',
    },
    {
      name: 'query_hash',
      type: 'string',
      nullable: true,
      description: "MongoDB's hash of the query's shape, from the log line.",
      example: '2B1C4A90',
    },
    {
      name: 'plan_cache_key',
      type: 'string',
      nullable: true,
      description:
        "MongoDB's hash of the query's shape and the indexes that it could use, from the log line.",
      example: '9E3D77F1',
    },
    {
      name: 'has_sort_stage',
      type: 'boolean',
      nullable: true,
      description: 'Whether the query sorted documents in memory; null if the log line does not say so.',
    },
    {
      name: 'app_name',
      type: 'string',
      nullable: true,
      description: 'The application, from the log line; null if literal values are redacted.',
    },
    {
      name: 'log_line',
      type: 'string',
      nullable: true,
      personal: 'mention',
      description:
        'The log line. If literal values are redacted, it has only times, counts, hashes of shapes, and the shapes of commands and plans.',
      example: '{"t":{"$date":"2026-03-02T12:00:00.123Z"},"s":"I","c":"COMMAND","id":51803,…}',
    },
    {
      name: 'record_id',
      type: 'string',
      fingerprintOf: 'log_line',
      description:
        'A stable hash of process and log line that identifies the entry, and, if the line is cut off, of what Atlas counts. If literal values are redacted, it is a hash of what is stored.',
    },
    { name: 'collected_at', type: 'timestamp', description: 'When the line was read.' },
  ],
  naturalKey: ['project_id', 'record_id'],
  partitionedBy: 'day',
});
