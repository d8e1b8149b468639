/** The last run of each dataset and project that has a row in `collection_runs`. */
export const LAST_RUNS = `SELECT dataset, project_id, last_run, last_outcome, collected_up_to, lag_seconds, failed_targets
FROM (
  SELECT *, row_number() OVER (PARTITION BY project_id, dataset ORDER BY last_run DESC) AS place
  FROM dataset_freshness
  WHERE last_run IS NOT NULL
)
WHERE place = 1`;
