import { DAY } from '../../../../shared/durations.ts';
import type { Departure, History, Outage, Topic } from '../history.ts';
import { Random } from '../random.ts';

/** The faults of a history that depend on its seed alone, so that faults of other kinds stay the same. */
export type SeededFaults = Pick<History, 'departures' | 'clusterOutages' | 'ahead'>;

/** The faults begin within this many minutes from the start. */
const LATEST_START = 400;

/** In minutes. Longer than Atlas keeps the finest data. */
const LONG = 2_600;

/** Topics whose oracles expect projects that stop answering. All oracles expect projects that only leave the list. */
const CAN_STOP_ANSWERING: ReadonlySet<Topic> = new Set([
  'measurements',
  'access_logs',
  'ranked_namespaces',
  'events',
  'slow_queries',
  'snapshots',
  'logs',
]);

export function seededFaultsOf(seed: number, topic: Topic): SeededFaults {
  const random = new Random(seed ^ 0x5eed);
  const departures = random.chance(0.2) ? [departure(random, topic)] : [];
  const clusterOutages = random.chance(0.2) ? [span(random)] : [];
  const ahead = random.chance(0.2) ? (1 + random.below(5)) * DAY : 0;
  return { departures, clusterOutages, ahead };
}

function departure(random: Random, topic: Topic): Departure {
  const kind = CAN_STOP_ANSWERING.has(topic) && random.chance(0.7) ? 'project-not-found' : 'project-unlisted';
  const from = random.below(LATEST_START);
  const isForGood = random.chance(0.3);
  return { kind, project: random.below(2), ...span(random), ...(isForGood && { from, to: null }) };
}

function span(random: Random): Outage {
  const from = random.below(LATEST_START);
  return { from, to: from + (random.chance(0.6) ? 10 + random.below(300) : LONG + random.below(LONG)) };
}
