import type { ClusterTag } from '../../../../simulator/organisation/types.ts';
import { minuteOf, type Topic } from '../history.ts';
import { Random } from '../random.ts';
import { snapshotsOf } from './snapshots.ts';

/** The cluster patterns of one configuration. */
export interface ClusterPatterns {
  include?: readonly string[];
  exclude?: readonly string[];
  includeTags?: readonly string[];
  excludeTags?: readonly string[];
}

/** Which clusters a history collects. */
export interface Selections {
  /** For each configuration; null for all clusters. */
  settings: readonly (ClusterPatterns | null)[];
  /** The tags of the first cluster of each project, then of the other ones. */
  tags: readonly (readonly ClusterTag[])[];
  /** Whether the last ticks, which are without faults, select clusters like the last configuration. */
  isKept: boolean;
}

/** Cluster number N is the first of project number N. Some projects have another one, called `other ä`. */
const NAMES = ['c0', 'c1', 'c*', '*0', '*', 'C*', 'ot*ä', 'othe* a\u0308', 'nothing', 'c0*0'];

const TAGS = [
  'env=production',
  'env=prod*',
  'env=*',
  '*=production',
  '*=*',
  'env=',
  'ENV=production',
  'größe=*',
];

const NONE: Selections = { settings: [], tags: [], isKept: false };

/** The topics whose datasets read clusters or their processes. */
const SELECTING: ReadonlySet<Topic> = new Set<Topic>([
  'measurements',
  'process_measurements',
  'search_measurements',
  'access_logs',
  'ranked_namespaces',
  'slow_queries',
  'snapshots',
  'logs',
]);

/**
 * Returns the cluster selections of a history. About a third of the histories have some. They depend only on the seed, so
 * the rest of the history stays the same.
 */
export function selectionsOf(seed: number, topic: Topic): Selections {
  const random = new Random(seed ^ 0xc1057e5);
  if (!SELECTING.has(topic) || !random.chance(0.35)) return NONE;
  const spread = topic === 'snapshots' ? snapshotsOf(seed).spread : 1;
  return {
    settings: Array.from({ length: 3 }, () => (random.chance(0.25) ? null : patterns(random))),
    tags: Array.from({ length: 4 }, () => tags(random, spread)),
    isKept: random.chance(0.4),
  };
}

function patterns(random: Random): ClusterPatterns {
  const some = (list: readonly string[]) =>
    Array.from({ length: 1 + random.below(2) }, () => random.pick(list));
  const kind = random.below(6);
  if (kind === 0) return { include: some(NAMES) };
  if (kind === 1) return { exclude: some(NAMES) };
  if (kind === 2) return { includeTags: some(TAGS) };
  if (kind === 3) return { excludeTags: some(TAGS) };
  if (kind === 4) return { include: some(NAMES), excludeTags: some(TAGS) };
  return { include: some(NAMES), includeTags: some(TAGS), exclude: some(NAMES) };
}

/** Returns tags that exist always, never, until a time, from a time, or with a break. */
function tags(random: Random, spread: number): ClusterTag[] {
  const at = (latest: number) => minuteOf(spread * 20 * random.below(latest / 20));
  const value = random.pick(['production', 'production', 'test', '']);
  const tag = { key: random.pick(['env', 'env', 'env', 'größe']), value };
  const lifetime = random.below(6);
  if (lifetime === 0) return [];
  if (lifetime === 1) return [tag];
  if (lifetime === 2) return [{ ...tag, until: at(600) }];
  if (lifetime === 3) return [{ ...tag, from: at(600) }];
  const [until, from] = [at(300), at(600)];
  if (lifetime === 4)
    return [
      { ...tag, until },
      { ...tag, from: Math.max(from, until + 1) },
    ];
  return [
    { ...tag, until },
    { key: 'env', value: 'production', from: until },
    { key: 'lake', value: 'off', from },
  ];
}
