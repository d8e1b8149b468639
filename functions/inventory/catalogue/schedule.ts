import { DAY, HOUR } from '../../../shared/durations.ts';
import type { ResourceType } from './resource-type.ts';

/**
 * Returns for how long after it was read a list of a type is not read again on purpose, in ms. A daily list is due at
 * the first tick a day after the tick that read it. Ticks are an hour apart.
 */
export function restOf({ read }: Pick<ResourceType, 'read'>): number {
  return read === 'daily' ? DAY - HOUR : 0;
}
