import fc from 'fast-check';
import { histories, withTopic } from './generators/history.ts';
import type { History, Topic } from './history.ts';
import { simulate } from './simulate.ts';

/**
 * Returns the history of a seed. The seed alone reproduces it.
 *
 * @param topic replaces the topic that the seed chooses
 */
export function historyOf(seed: number, topic?: Topic): History {
  const [history] = fc.sample(histories, { seed, numRuns: 1 });
  if (!history) throw new RangeError(`no history for the seed ${seed}`);
  return topic ? withTopic(history, topic) : history;
}

/** A history in which a promise was broken. */
export interface Failure {
  seed: number;
  violations: readonly string[];
}

/** The results of many histories. */
export interface SeedsResult {
  histories: number;
  calls: number;
  rows: number;
  failures: Failure[];
  digests: string[];
}

/** Simulates seeds one by one while `continueWhile` returns true. */
export async function runSeeds(
  seeds: Iterable<number>,
  {
    topic,
    continueWhile = () => true,
  }: { topic?: Topic; continueWhile?: (result: SeedsResult) => boolean } = {},
): Promise<SeedsResult> {
  const result: SeedsResult = { histories: 0, calls: 0, rows: 0, failures: [], digests: [] };
  for (const seed of seeds) {
    if (!continueWhile(result)) break;
    const { violations, calls, rows, digest } = await simulate(historyOf(seed, topic));
    result.histories += 1;
    result.calls += calls;
    result.rows += rows;
    result.digests.push(digest);
    if (violations.length > 0) result.failures.push({ seed, violations });
  }
  return result;
}

/** Looks for a smaller history that also breaks a promise, for a time in ms. */
export async function shrink(seed: number, topic: Topic | undefined, time: number): Promise<History> {
  const until = performance.now() + time;
  const chosen = (history: History) => (topic ? withTopic(history, topic) : history);
  const property = fc.asyncProperty(histories, async (history) => {
    // After the time limit, every candidate counts as a success.
    return performance.now() > until || (await simulate(chosen(history))).violations.length === 0;
  });
  // The check starts with the same history as a sample of this seed.
  const { counterexample } = await fc.check(property, { seed, numRuns: 1 });
  return counterexample ? chosen(counterexample[0]) : historyOf(seed, topic);
}
