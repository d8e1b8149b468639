import type { ClusterSelection } from '../../../../shared/engine/cluster-selection.ts';
import type { History } from '../history.ts';
import { Random } from '../random.ts';

type Names = Partial<Pick<ClusterSelection, 'include' | 'exclude'>>;

/** Cluster number N belongs to project number N. */
const SELECTIONS: readonly Names[] = [
  {},
  { exclude: ['c0'] },
  { include: ['c0'] },
  { include: ['c*'], exclude: ['c1'] },
];

/**
 * Returns which clusters a history collects in one of its configurations; nothing in two thirds of the histories. Tests of
 * their own cover tags, and lists of clusters that fail.
 */
export function clustersOf(history: History, configuration: number): { clusters?: Names } {
  const { seed, topic, clusterOutages } = history;
  const random = new Random(seed ^ 0xc1057e5);
  const isOfProcesses = topic === 'measurements' || topic === 'process_measurements';
  if (!isOfProcesses || clusterOutages.length > 0 || !random.chance(0.35)) return {};
  const clusters = SELECTIONS[(random.below(SELECTIONS.length) + configuration) % SELECTIONS.length];
  return clusters ? { clusters } : {};
}

/** Returns whether a configuration selects a cluster. Includes no other patterns than those above. */
export function selects({ clusters }: { clusters?: Names | undefined }, cluster: string): boolean {
  const { include = [], exclude = [] } = clusters ?? {};
  return (
    !exclude.includes(cluster) && (include.length === 0 || include.includes(cluster) || include[0] === 'c*')
  );
}
