import * as z from 'zod';
import { DAY, HOUR } from '../../shared/durations.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { indexSuggestionSnapshots, indexSuggestions } from './tables.ts';

const settings = z.strictObject({
  // Slow queries of the last minutes of a day must be there.
  settle: settle.default(HOUR),
  backfill: backfill.default(DAY),
});

export type IndexSuggestionsSettings = z.infer<typeof settings>;

/**
 * What the Performance Advisor suggests for each cluster, once a day. It runs more often, so that a failure does not cost
 * the day.
 */
export const indexSuggestionsDeclaration: DatasetDeclaration<IndexSuggestionsSettings> = {
  name: 'index_suggestions',
  description: indexSuggestions.description,
  tables: [indexSuggestions, indexSuggestionSnapshots],
  notRepeatable: 'Atlas shows the suggestions of the present only',
  everyMinutes: 360,
  offsetMinutes: 38,
  settings,
  defaults: settings.parse({}),
};
