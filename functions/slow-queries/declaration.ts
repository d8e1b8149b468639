import * as z from 'zod';
import { DAY, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { overlap } from '../../shared/histories/settings.ts';
import { slowQueries } from './tables.ts';

const settings = z.strictObject({
  // Atlas does not document how late a line may appear.
  settle: settle.default(10 * MINUTE),
  backfill: backfill.default(DAY),
  overlap: overlap.default(20 * MINUTE),
  /** Whether literal values are removed from lines before anything is stored. */
  redact: z.boolean().default(true),
});

export type SlowQueriesSettings = z.infer<typeof settings>;

/** The queries that the query profiler finds slow: one request for each process and tick. */
export const slowQueriesDeclaration: DatasetDeclaration<SlowQueriesSettings> = {
  name: 'slow_queries',
  description: slowQueries.description,
  tables: [slowQueries],
  everyMinutes: 20,
  offsetMinutes: 9,
  settings,
  defaults: settings.parse({}),
};
