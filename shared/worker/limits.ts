/**
 * The timeout of a dataset's function. A run that approaches it commits what it has and sends a continuation.
 */
export const DATASET_TIMEOUT_SECONDS = 300;

/**
 * How long a received message is hidden: as long as a run holds its lease. The usual six times the timeout
 * would make a project wait half an hour after a crash.
 */
export const VISIBILITY_SECONDS = DATASET_TIMEOUT_SECONDS + 60;

/**
 * The memory of a function. The largest readers, disks and access logs, take 150 to 240 MB (`npm run bench
 * memory functionMemory`); the rest is room for responses of 64 MiB. The memory also sets the CPU share: 0.43
 * of one CPU.
 */
export const MEMORY_MEGABYTES = 768;
