import { DAY } from '../../../../shared/durations.ts';
import type { ClusterShape } from '../../../../simulator/organisation/shapes.ts';
import type { AdviceShape } from '../../../../simulator/performance-advisor/rules.ts';
import { minuteOf, type Outage } from '../history.ts';
import { Random } from '../random.ts';

/** Atlas does not document how long it can compute a list for a past window. In days: more than the collector relies on. */
const RETENTIONS = [2.5, 7, 30];

/** What Atlas computes for the clusters of a history. */
export interface Snapshots {
  /** In ms. */
  retention: number;
  /** The clusters of each project beside its first one. */
  clusters: readonly ClusterShape[];
  /** What is suggested for the first cluster of each project. */
  advice: readonly AdviceShape[];
  /** How many query shapes the clusters have: first of each project, then the other one. */
  shapes: readonly number[];
  outages: readonly AdviceOutage[];
  /** How much later than in other histories each tick is: snapshots are of days. */
  spread: number;
  /** The settings of each configuration. Times are in minutes. */
  settings: readonly ConfiguredSnapshots[];
}

export interface SnapshotSettings {
  enabled: boolean;
  settle: number;
  backfill: number;
}

/** The settings of one configuration. */
export interface ConfiguredSnapshots {
  suggestions: SnapshotSettings;
  shapes: SnapshotSettings;
}

/**
 * A time in which Atlas answers none of these lists: the tier is too small, the role does not suffice, or Atlas fails.
 */
export interface AdviceOutage extends Outage {
  kind: 'tier' | 'role' | 'failure';
}

/** Returns the lists of a history of snapshots. Only the seed decides, so the rest of a history stays the same. */
export function snapshotsOf(seed: number): Snapshots {
  const random = new Random(seed ^ 0x5a90);
  const spread = random.pick([1, 6, 12, 18]);
  return {
    retention: random.pick(RETENTIONS) * DAY,
    clusters: Array.from({ length: 2 }, () => other(random, spread)),
    advice: Array.from({ length: 2 }, () => advice(random)),
    outages: Array.from({ length: random.pick([0, 0, 1, 2]) }, () => outage(random, spread)),
    spread,
    settings: Array.from({ length: 3 }, () => ({
      suggestions: {
        enabled: random.chance(0.92),
        settle: random.pick([60, 60, 10 + random.below(300)]),
        backfill: random.pick([24 * 60, 24 * 60, 0, random.below(12 * 24 * 60)]),
      },
      shapes: {
        enabled: random.chance(0.92),
        settle: random.pick([20, 20, random.below(100)]),
        backfill: random.pick([6 * 60, 6 * 60, 0, random.below(3 * 24 * 60)]),
      },
    })),
    shapes: Array.from({ length: 4 }, () => (random.chance(0.03) ? 180 : random.pick([0, 2, 5]))),
  };
}

function advice(random: Random): AdviceShape {
  return { indexes: random.below(7), drops: random.below(5), schemas: random.below(4) };
}

/** A cluster of a small tier, or one that appears or is removed. */
function other(random: Random, spread: number): ClusterShape {
  const at = () => minuteOf(spread * random.below(900));
  const life = random.pick(['small', 'added', 'removed', 'removed'] as const);
  return {
    name: 'other ä',
    nodes: [],
    advice: advice(random),
    ...(life === 'small' && { instanceSize: 'M0' }),
    ...(life === 'added' && { listedFrom: at() }),
    ...(life === 'removed' && { listedUntil: at() }),
  };
}

function outage(random: Random, spread: number): AdviceOutage {
  const from = spread * random.below(900);
  const length = random.pick([30, 300, 2_000]) + random.below(3_000);
  return { kind: random.pick(['tier', 'role', 'failure', 'failure']), from, to: from + length };
}
