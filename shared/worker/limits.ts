import { SECOND } from '../durations.ts';

/**
 * The timeout of a dataset's function. A run that approaches it commits what it has and sends a continuation.
 */
export const DATASET_TIMEOUT_SECONDS = 300;

/**
 * How long a received message is hidden: six times the timeout, as AWS recommends. Lambda thus has time to find a free
 * execution. After a crash that the function catches, it shortens the time itself.
 */
export const VISIBILITY_SECONDS = 6 * DATASET_TIMEOUT_SECONDS;

/**
 * The shortest retention of a queue. As long as messages are kept, projects are served in the order in which they wait. With
 * two hours, some of 2,000 projects have no run for a day in a new account. With six hours, each of 3,000 has one
 * (`npm run bench queues`). A longer retention would leave more messages after an outage, each of which costs a read. It is
 * longer than the longest wait for a rate limit, an hour.
 */
const SHORTEST_RETENTION_SECONDS = 6 * 60 * 60;

/** Returns how long a queue keeps a message: until the next tick replaces it, but at least six hours. */
export function retentionSeconds(everyMinutes: number): number {
  return Math.max(SHORTEST_RETENTION_SECONDS, everyMinutes * 60);
}

/**
 * How long a tick waits for a free execution of `dispatch`: Lambda's maximum. In an account with too few executions, a
 * shorter time would turn ticks into dead letters. The failures of `dispatch` itself are retried twice, within minutes.
 */
export const DISPATCH_PATIENCE_SECONDS = 6 * 60 * 60;

/** How late nearly all messages are sent at the latest, in seconds: schedule, retries, and waiting for an execution. */
const LATE_DISPATCH_SECONDS = 30 * 60;

/**
 * Returns how long after its tick a run can begin, ms. Then its message is gone, unless its tick was sent even later. Such
 * a run only fails to make other messages redundant.
 */
export function longestWait(everyMinutes: number): number {
  return (retentionSeconds(everyMinutes) + LATE_DISPATCH_SECONDS) * SECOND;
}

/** The fewest deliveries before a message becomes a dead letter. AWS recommends at least five. */
const FEWEST_RECEIVES = 5;

/**
 * Returns how often a message is delivered before it becomes a dead letter. A delivery that Lambda throttles counts, and
 * hides the message for the visibility timeout. So throttling alone cannot use up the deliveries within the retention.
 */
export function maxReceives(everyMinutes: number): number {
  return Math.max(FEWEST_RECEIVES, Math.ceil(retentionSeconds(everyMinutes) / VISIBILITY_SECONDS));
}

/**
 * The default number of projects that a dataset collects at a time, which is the lowest that AWS accepts. A new account
 * has about ten concurrent executions for all of its functions.
 */
export const DEFAULT_CONCURRENCY = 2;

/**
 * The timeout of `dispatch`. Ten thousand projects take about half a minute, and ten seconds more in the first tick:
 *
 * - 20 pages of the list of projects, 1 s each: 20 s
 * - 2 pages of known subjects, and 10 pages of the folders of commit records: 2 s
 * - only in the first tick, 10,000 new subjects, as fast as DynamoDB writes to one partition, a thousand a second: 10 s
 * - 1,000 requests to SQS, 4 at a time, 20 ms each: 5 s
 *
 * The rest is for slow answers and retries. It is shorter than the five minutes between two ticks of alerts.
 */
export const DISPATCH_TIMEOUT_SECONDS = 180;

/** The part of it that is kept for storing new subjects and sending messages: three times what they take. */
export const SENDING_SECONDS = 30;

/**
 * How long the list of one of several credentials may take: three times what ten thousand projects take. A credential that
 * hangs delays the ticks of the others by no more.
 */
export const LIST_SECONDS = 60;

/**
 * The memory of a function. The largest readers, disks and access logs, take 150 to 240 MB (`npm run bench
 * memory functionMemory`); the rest is room for responses of 64 MiB. The memory also sets the CPU share: 0.43
 * of one CPU.
 */
export const MEMORY_MEGABYTES = 768;
