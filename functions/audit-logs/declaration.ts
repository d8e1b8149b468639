import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { type LogSettings, logSettings } from '../../shared/logs/settings.ts';
import { auditLogs } from './tables.ts';

/** Who did what to the databases: one request for each log and tick, like `host_logs`. */
export const auditLogsDeclaration: DatasetDeclaration<LogSettings> = {
  name: 'audit_logs',
  description: auditLogs.description,
  tables: [auditLogs],
  everyMinutes: 5,
  offsetMinutes: 2,
  isOptional: true,
  settings: logSettings,
  defaults: logSettings.parse({}),
};
