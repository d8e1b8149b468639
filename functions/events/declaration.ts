import * as z from 'zod';
import { DAY, HOUR, MINUTE } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { overlap } from '../../shared/histories/settings.ts';
import { events } from './tables.ts';

const settings = z.strictObject({
  settle: settle.default(2 * MINUTE),
  backfill: backfill.default(30 * DAY),
  // Atlas does not document how late an event may appear. Reading an hour again seldom takes another request.
  overlap: overlap.default(HOUR),
});

export type EventsSettings = z.infer<typeof settings>;

/** Who did what in projects and organisations. */
export const eventsDeclaration: DatasetDeclaration<EventsSettings> = {
  name: 'events',
  description: events.description,
  tables: [events],
  everyMinutes: 10,
  offsetMinutes: 8,
  subjects: ['project', 'organisation'],
  settings,
  defaults: settings.parse({}),
};
