import { ACCESS_LOG_MUTANTS } from './access-logs.ts';
import { ALERT_MUTANTS } from './alerts.ts';
import { ANSWER_MUTANTS } from './answers.ts';
import { BACKFILL_MUTANTS } from './backfill.ts';
import { CLUSTER_MUTANTS } from './clusters.ts';
import { COMPACTION_MUTANTS } from './compaction.ts';
import { DISPATCH_MUTANTS } from './dispatch.ts';
import { EVENT_MUTANTS } from './events.ts';
import { LIMIT_MUTANTS } from './limits.ts';
import { LIST_MUTANTS } from './lists.ts';
import { LOG_MUTANTS } from './logs.ts';
import { MEASUREMENT_MUTANTS } from './measurements.ts';
import type { Mutant } from './mutant.ts';
import { PROCESS_MUTANTS } from './processes.ts';
import { PROTOCOL_MUTANTS } from './protocol.ts';
import { PUBLICATION_MUTANTS } from './publication.ts';
import { RANKED_NAMESPACE_MUTANTS } from './ranked-namespaces.ts';
import { RESOURCE_MUTANTS } from './resources.ts';
import { SEARCH_MUTANTS } from './search.ts';
import { SLOW_QUERY_MUTANTS } from './slow-queries.ts';
import { SNAPSHOT_MUTANTS } from './snapshots.ts';
import { STORED_STATE_MUTANTS } from './stored-state.ts';

/** The bugs that are common in such collectors, and those that this collector's protocol could have. */
export const MUTANTS: readonly Mutant[] = [
  ...PROTOCOL_MUTANTS,
  ...LIMIT_MUTANTS,
  ...MEASUREMENT_MUTANTS,
  ...PROCESS_MUTANTS,
  ...SEARCH_MUTANTS,
  ...ACCESS_LOG_MUTANTS,
  ...EVENT_MUTANTS,
  ...SLOW_QUERY_MUTANTS,
  ...SNAPSHOT_MUTANTS,
  ...LOG_MUTANTS,
  ...ALERT_MUTANTS,
  ...RANKED_NAMESPACE_MUTANTS,
  ...RESOURCE_MUTANTS,
  ...STORED_STATE_MUTANTS,
  ...COMPACTION_MUTANTS,
  ...CLUSTER_MUTANTS,
  ...PUBLICATION_MUTANTS,
  ...LIST_MUTANTS,
  ...ANSWER_MUTANTS,
  ...DISPATCH_MUTANTS,
  ...BACKFILL_MUTANTS,
];
