import { DAY } from '../../../../shared/durations.ts';
import type { Departure, History, Outage, Subject } from '../history.ts';
import { Random } from '../random.ts';

/** The faults of a history that depend on its seed alone, so that faults of other kinds stay the same. */
export type Troubles = Pick<History, 'departures' | 'clusterOutages' | 'ahead'>;

/** The faults begin within this many minutes from the start. */
const BEGINNING = 400;

/** In minutes. Longer than Atlas keeps the finest data. */
const LONG = 2_600;

/** Subjects whose oracles expect projects that stop answering. All oracles expect projects that only leave the list. */
const GOES: ReadonlySet<Subject> = new Set(['measurements', 'access_logs', 'ranked_namespaces', 'events']);

export function troublesOf(seed: number, subject: Subject): Troubles {
  const random = new Random(seed ^ 0x5eed);
  const departures = random.chance(0.2) ? [departure(random, subject)] : [];
  const clusterOutages = random.chance(0.2) ? [span(random)] : [];
  const ahead = random.chance(0.2) ? (1 + random.below(5)) * DAY : 0;
  return { departures, clusterOutages, ahead };
}

function departure(random: Random, subject: Subject): Departure {
  const kind = GOES.has(subject) && random.chance(0.7) ? 'project-not-found' : 'project-unlisted';
  const from = random.below(BEGINNING);
  const isForGood = random.chance(0.3);
  return { kind, project: random.below(2), ...span(random), ...(isForGood && { from, to: null }) };
}

function span(random: Random): Outage {
  const from = random.below(BEGINNING);
  return { from, to: from + (random.chance(0.6) ? 10 + random.below(300) : LONG + random.below(LONG)) };
}
