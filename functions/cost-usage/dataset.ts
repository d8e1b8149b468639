import { DAY } from '../../shared/durations.ts';
import type { Dataset } from '../../shared/engine/dataset.ts';
import { costCollector } from './collect.ts';
import { costUsage as table } from './table.ts';

/** What is paid for, by service and month, from Cost Explorer: months are read again until they are closed. */
export const costUsage: Dataset<{ backfill: number }> = {
  name: 'cost_usage',
  description: table.description,
  tables: [table],
  everyMinutes: 360,
  subjects: ['organisation'],
  // The months of a year and the present one, to compare it with.
  defaults: { backfill: 365 * DAY },
  collector: costCollector,
};
