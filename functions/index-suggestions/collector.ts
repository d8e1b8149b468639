import { DAY } from '../../shared/durations.ts';
import { defineDataset } from '../../shared/engine/dataset.ts';
import { snapshotCollector } from '../../shared/snapshots/snapshot-collector.ts';
import type { Snapshot, SnapshotList, SnapshotRequest } from '../../shared/snapshots/snapshot-list.ts';
import { type SnapshotState, snapshotCodec } from '../../shared/snapshots/state.ts';
import { type IndexSuggestionsSettings, indexSuggestionsDeclaration } from './declaration.ts';
import { indexToCreate, indexToDrop, type SuggestionKind, schemaSuggestions, snapshotRows } from './rows.ts';
import { indexSuggestionSnapshots, indexSuggestions } from './tables.ts';

/** What the Performance Advisor suggests for each cluster, day by day: three requests a day. */
export const indexSuggestionsDataset = defineDataset<IndexSuggestionsSettings, SnapshotState>(
  indexSuggestionsDeclaration,
  {
    codec: () => snapshotCodec(DAY),
    collector: ({ settle, backfill }, subject) =>
      snapshotCollector(LISTS, { interval: DAY, settle, backfill, restMs: DAY }, subject),
  },
);

const LISTS: readonly SnapshotList[] = [
  {
    name: 'create_index' satisfies SuggestionKind,
    contents: 'suggested indexes',
    isOfWindow: true,
    async read(request) {
      const { atlas, project, cluster, from, to } = request;
      const list = await atlas.suggestedIndexes(project, cluster, { start: from, end: to });
      return snapshotOf('create_index', request, list.items.map(indexToCreate), list.unreadable);
    },
  },
  {
    name: 'drop_index' satisfies SuggestionKind,
    contents: 'indexes to drop',
    isOfWindow: false,
    async read(request) {
      const list = await request.atlas.removableIndexes(request.project, request.cluster);
      return snapshotOf('drop_index', request, list.items.map(indexToDrop), list.unreadable);
    },
  },
  {
    name: 'schema_advice' satisfies SuggestionKind,
    contents: 'advice on schemas',
    isOfWindow: false,
    async read(request) {
      const list = await request.atlas.schemaAdvice(request.project, request.cluster);
      return snapshotOf('schema_advice', request, list.items.flatMap(schemaSuggestions), list.unreadable);
    },
  },
];

function snapshotOf(
  kind: SuggestionKind,
  request: SnapshotRequest,
  suggestions: Parameters<typeof snapshotRows>[2],
  unreadable: number,
): Snapshot {
  const { rows, snapshot } = snapshotRows(kind, request, suggestions);
  return {
    tables: [
      { table: indexSuggestions, rows },
      { table: indexSuggestionSnapshots, rows: [snapshot] },
    ],
    isEmpty: suggestions.length === 0 && unreadable === 0,
    unreadable,
  };
}
