import type { OrganisationOptions } from '../../../../simulator/organisation/shapes.ts';
import { minuteOf } from '../history.ts';
import { Random } from '../random.ts';

/**
 * Returns which measurements change before they are final, and when Atlas is further behind than usual. Only the seed
 * decides, so the rest of a history stays the same.
 */
export function reportingOf(seed: number): Pick<OrganisationOptions, 'provisional' | 'stalls'> {
  const random = new Random(seed ^ 0x57a115);
  return {
    provisional: random.pick(['at-sample', 'at-interval', 'corrected'] as const),
    stalls: Array.from({ length: random.pick([0, 0, 1, 3]) }, () => {
      const from = minuteOf(random.below(700) - 60);
      return { from, to: from + (1 + random.below(5_400)) * 1_000 };
    }),
  };
}
