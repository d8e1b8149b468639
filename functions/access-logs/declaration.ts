import * as z from 'zod';
import { MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { overlap } from '../../shared/histories/settings.ts';
import { accessLogs } from './tables.ts';
import { RETENTION } from './windows.ts';

const settings = z.strictObject({
  settle: settle.default(2 * MINUTE),
  backfill: backfill.default(RETENTION),
  // An entry does not change. One that appears up to twelve minutes late is still found.
  overlap: overlap.default(10 * MINUTE),
});

export type AccessLogsSettings = z.infer<typeof settings>;

/** Who authenticated to which host. */
export const accessLogsDeclaration: DatasetDeclaration<AccessLogsSettings> = {
  name: 'access_logs',
  description: accessLogs.description,
  tables: [accessLogs],
  everyMinutes: 10,
  offsetMinutes: 4,
  settings,
  defaults: settings.parse({}),
};
