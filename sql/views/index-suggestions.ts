import { indexSuggestions } from '../../functions/index-suggestions/tables.ts';
import { columnsOf, dayColumn, type View } from '../view.ts';

/** A cluster without a snapshot for so many days, while others have some, is gone or has a tier without suggestions. */
const STALE_DAYS = 14;

const LIST = 'project_id, cluster_name, kind';
const SUGGESTION = `${LIST}, reason, namespace, index_keys, index_name`;

export const indexSuggestionsOpen: View = {
  name: 'index_suggestions_open',
  description: `What the Performance Advisor suggests now: the suggestions in the last snapshot of each cluster and kind, and since when they have been in every snapshot. Days without a snapshot do not interrupt that. ORDER BY weight_rank shows the index to add first. Clusters whose last snapshot is more than ${STALE_DAYS} days older than that of their project are left out.`,
  columns: [
    { ...dayColumn, description: `${dayColumn.description} The day of the last snapshot.` },
    ...columnsOf(
      indexSuggestions,
      'project_id',
      'cluster_name',
      'kind',
      'reason',
      'namespace',
      'index_keys',
      'index_name',
    ),
    {
      name: 'weight_rank',
      type: 'bigint',
      description:
        'The rank among all of these suggestions: by weight, then by size for indexes to drop. 1 is the first.',
      example: '1',
    },
    {
      name: 'open_since',
      type: 'timestamp',
      description: 'The day since which every snapshot has had the suggestion.',
      example: '2026-02-20 00:00:00.000',
    },
    { name: 'snapshots', type: 'bigint', description: 'Number of snapshots since then.', example: '11' },
    ...columnsOf(
      indexSuggestions,
      'weight',
      'avg_object_bytes',
      'impacted_shapes',
      'impacted_queries',
      'impacted_avg_ms',
      'inefficiency_score',
      'access_count',
      'access_since',
      'size_bytes',
      'shards',
      'triggers',
      'description',
    ),
  ],
  reads: 'all days',
  query: ({ from, dayAfter }) => `
SELECT
  *,
  row_number() OVER (
    ORDER BY weight DESC NULLS LAST, size_bytes DESC NULLS LAST, ${SUGGESTION}
  ) AS weight_rank
FROM (
  SELECT
    *,
    min(ts) OVER (PARTITION BY ${SUGGESTION}, stretch) AS open_since,
    count(*) OVER (PARTITION BY ${SUGGESTION}, stretch) AS snapshots
  FROM (
    SELECT
      suggestion.*, snapshot.number, snapshot.last_number, snapshot.last_dt, snapshot.project_dt,
      snapshot.number - row_number() OVER (
        PARTITION BY ${SUGGESTION.split(', ')
          .map((column) => `suggestion.${column}`)
          .join(', ')}
        ORDER BY snapshot.number
      ) AS stretch
    FROM ${from('index_suggestions')} suggestion
    JOIN (
      SELECT
        *,
        row_number() OVER (PARTITION BY ${LIST} ORDER BY ts) AS number,
        count(*) OVER (PARTITION BY ${LIST}) AS last_number,
        max(dt) OVER (PARTITION BY ${LIST}) AS last_dt,
        max(dt) OVER (PARTITION BY project_id) AS project_dt
      FROM ${from('index_suggestion_snapshots')}
    ) snapshot
      ON snapshot.project_id = suggestion.project_id
      AND snapshot.cluster_name = suggestion.cluster_name
      AND snapshot.kind = suggestion.kind
      AND snapshot.ts = suggestion.ts
  )
)
WHERE number = last_number AND project_dt <= ${dayAfter('last_dt', STALE_DAYS)}`,
};
