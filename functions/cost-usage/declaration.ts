import * as z from 'zod';
import { DAY } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill } from '../../shared/engine/settings.ts';
import { costUsage } from './tables.ts';

const settings = z.strictObject({
  // The months of a year and the current one, to compare it with.
  backfill: backfill.default(365 * DAY),
});

export type CostUsageSettings = z.infer<typeof settings>;

/** Costs by service and month, from Cost Explorer. Runs read a month again until it is closed. */
export const costUsageDeclaration: DatasetDeclaration<CostUsageSettings> = {
  name: 'cost_usage',
  description: costUsage.description,
  tables: [costUsage],
  notRepeatable:
    'Atlas shows the amounts of a month as they are now, and runs read a month again until it is closed',
  everyMinutes: 360,
  offsetMinutes: 43,
  subjects: ['organisation'],
  settings,
  defaults: settings.parse({}),
};
