import * as z from 'zod';
import { HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { queryShapes } from './tables.ts';

const settings = z.strictObject({
  // Atlas does not document how late queries count. This is as for ranked namespaces.
  settle: settle.default(20 * MINUTE),
  backfill: backfill.default(6 * HOUR),
});

export type QueryShapesSettings = z.infer<typeof settings>;

/** The query shapes of each cluster, hour by hour: one request for each. */
export const queryShapesDeclaration: DatasetDeclaration<QueryShapesSettings> = {
  name: 'query_shapes',
  description: queryShapes.description,
  tables: [queryShapes],
  notRepeatable:
    'Atlas computes the query shapes of an hour when it is asked, and a later list is another one',
  everyMinutes: 60,
  // As for ranked namespaces.
  offsetMinutes: 23,
  settings,
  defaults: settings.parse({}),
};
