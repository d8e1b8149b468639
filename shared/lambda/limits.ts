/** The time limit of a dataset's function. A run that nears it commits what it has, and sends a continuation. */
export const DATASET_TIMEOUT_SECONDS = 300;

/**
 * How long a received message is hidden: as long as the lease that a run holds. Not the usual six times the timeout:
 * after a crash, that would keep the project waiting for half an hour.
 */
export const VISIBILITY_SECONDS = DATASET_TIMEOUT_SECONDS + 60;
