import * as z from 'zod';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { alertConfigurations, alerts } from './tables.ts';

const settings = z.strictObject({});

/** Changes of alerts, and the configurations that raise them. */
export const alertsDeclaration: DatasetDeclaration<z.infer<typeof settings>> = {
  name: 'alerts',
  description: alerts.description,
  tables: [alerts, alertConfigurations],
  notRepeatable: 'Atlas shows alerts as they are now, and not the changes that they went through',
  everyMinutes: 5,
  settings,
  defaults: settings.parse({}),
};
