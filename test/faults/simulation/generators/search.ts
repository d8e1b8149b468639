import type { ClusterShape, OrganisationOptions } from '../../../../simulator/organisation/shapes.ts';
import { SEARCH_MEASUREMENTS } from '../../../../simulator/series/search-measurements.ts';
import { minuteOf } from '../history.ts';
import { Random } from '../random.ts';

/** The series of Atlas Search. */
export const SEARCH_SERIES: readonly string[] = SEARCH_MEASUREMENTS.map(({ name }) => name);

/**
 * Returns when Atlas Search runs in the cluster of a project: always, never, from or until a time. Only the seed decides,
 * so the rest of a history stays the same.
 */
export function searchOf(seed: number, project: number): Pick<ClusterShape, 'search'> {
  const random = new Random(seed ^ (0x5ea7c4 + project));
  if (random.chance(0.2)) return {};
  const search = {
    ...(random.chance(0.5) && { from: minuteOf(random.below(900) - 200) }),
    ...(random.chance(0.3) && { until: minuteOf(random.below(900)) }),
  };
  return { search };
}

/** Returns how Atlas responds for a host that has never had Atlas Search. */
export function withoutSearchOf(seed: number): Pick<OrganisationOptions, 'withoutSearch'> {
  return { withoutSearch: seed % 2 === 0 ? 'empty' : 'refused' };
}
