import * as z from 'zod';
import { DAY, HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { duration } from '../../shared/iso-duration.ts';
import { events } from './tables.ts';

const settings = z.strictObject({
  settle: settle.default(2 * MINUTE),
  backfill: backfill.default(30 * DAY),
  /** How far before its watermark a run reads again, to find late events; whole seconds. */
  overlap: duration.refine((overlap) => overlap <= DAY, 'expected at most P1D').default(HOUR),
});

export type EventsSettings = z.infer<typeof settings>;

/** Who did what in projects and organisations. */
export const eventsDeclaration: DatasetDeclaration<EventsSettings> = {
  name: 'events',
  description: events.description,
  tables: [events],
  everyMinutes: 10,
  subjects: ['project', 'organisation'],
  settings,
  defaults: settings.parse({}),
};
