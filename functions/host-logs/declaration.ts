import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { type LogSettings, logSettings } from '../../shared/logs/settings.ts';
import { hostLogs } from './tables.ts';

/** What mongod and mongos log: one request for each log and tick, unless a host logs more than one window can hold. */
export const hostLogsDeclaration: DatasetDeclaration<LogSettings> = {
  name: 'host_logs',
  description: hostLogs.description,
  tables: [hostLogs],
  everyMinutes: 5,
  offsetMinutes: 1,
  isOptional: true,
  settings: logSettings,
  defaults: logSettings.parse({}),
};
