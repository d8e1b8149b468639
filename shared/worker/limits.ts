/** The time limit of a dataset's function. A run that nears it commits what it has, and sends a continuation. */
export const DATASET_TIMEOUT_SECONDS = 300;

/**
 * How long a received message is hidden: as long as the lease that a run holds. Not the usual six times the timeout:
 * after a crash, that would keep the project waiting for half an hour.
 */
export const VISIBILITY_SECONDS = DATASET_TIMEOUT_SECONDS + 60;

/**
 * The memory of a function. Those that read the most, disks and access logs, take 150 to 240 MB (`npm run bench memory
 * functionMemory`); the rest is room for answers of 64 MiB. With the memory comes the share of a CPU: 0.43 of one.
 */
export const MEMORY_MEGABYTES = 768;
