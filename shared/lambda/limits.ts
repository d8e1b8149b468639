/** The time limit of a dataset's function. A run that nears it commits what it has, and sends a continuation. */
export const DATASET_TIMEOUT_SECONDS = 300;

/**
 * How long a received message is hidden: as long as the lease that a run holds. Not the usual six times the timeout:
 * after a crash, that would keep the project waiting for half an hour.
 */
export const VISIBILITY_SECONDS = DATASET_TIMEOUT_SECONDS + 60;

/**
 * The memory of a function. The first run of a project with thirty disks, 48 hours back, took 445 MB (resident, with
 * the heap that Node allows itself when nothing limits it); later ones take a third of that. With the memory comes the
 * share of a CPU: 0.43 of one.
 */
export const MEMORY_MEGABYTES = 768;
