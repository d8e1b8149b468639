import type { Topic } from '../history.ts';
import { Random } from '../random.ts';

/** A backfill that the owner starts. Times are in minutes. */
export interface BackfillPlan {
  /** The number of the tick after which it starts, beyond the end counted from the first one again. */
  tick: number;
  /** How long after that tick. */
  after: number;
  /** Which of the two datasets of the topic, if it has two. */
  which: number;
  /** How long before its start the period ends, and how long the period is. */
  age: number;
  length: number;
  isDryRun: boolean;
  /** How long after its start the owner stops it; null if never. */
  stoppedAfter: number | null;
  /** How often the owner starts it at most until it ends as it should. */
  attempts: number;
}

/** Objects of the lake that someone deletes, and that a later backfill can replace. */
export interface DeletionPlan extends Pick<BackfillPlan, 'tick' | 'after'> {
  /** The share of the objects that are committed then. */
  share: number;
}

/** The backfills of a history: some beside its ticks, and one that starts with the final ticks, which have no faults. */
export interface BackfillPlans {
  beside: readonly BackfillPlan[];
  last: BackfillPlan;
  /** Null if nobody deletes objects. */
  deletion: DeletionPlan | null;
}

/** The topics whose datasets can be read again and whose oracles expect it. */
const TOPICS_WITH_BACKFILLS: ReadonlySet<Topic> = new Set([
  'measurements',
  'process_measurements',
  'search_measurements',
  'access_logs',
  'slow_queries',
  'logs',
  'events',
]);

const HOUR = 60;
const DAY = 24 * HOUR;

/** Returns the backfills of three in ten histories; null for the others. Only the seed and the topic decide. */
export function backfillsOf(seed: number, topic: Topic): BackfillPlans | null {
  const random = new Random(seed ^ 0xbac4);
  if (!random.chance(0.3) || !TOPICS_WITH_BACKFILLS.has(topic)) return null;
  const beside = Array.from({ length: 1 + random.below(2) }, () => plan(random));
  const last = { ...plan(random), after: random.below(5), isDryRun: false, stoppedAfter: null, attempts: 1 };
  const deletion = random.chance(0.4)
    ? { tick: random.below(8), after: 6 + random.below(600), share: random.pick([0.3, 1]) }
    : null;
  return { beside, last, deletion };
}

function plan(random: Random): BackfillPlan {
  return {
    tick: random.below(8),
    after: random.chance(0.7) ? random.below(4) : random.below(600),
    which: random.below(2),
    age: random.pick([0, 5, 30, random.below(5 * HOUR), random.below(3 * DAY)]),
    length: random.pick([
      1 + random.below(2 * HOUR),
      1 + random.below(10 * HOUR),
      1 + random.below(10 * HOUR),
      random.below(2 * DAY) + HOUR,
      random.below(9 * DAY) + HOUR,
    ]),
    isDryRun: random.chance(0.1),
    stoppedAfter: random.chance(0.15) ? random.below(8) : null,
    attempts: 1 + random.below(3),
  };
}
