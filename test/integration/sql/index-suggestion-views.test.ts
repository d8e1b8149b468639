import { afterEach, beforeEach, expect, test } from 'vitest';
import { indexSuggestionSnapshots, indexSuggestions } from '../../../functions/index-suggestions/tables.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import type { RowOf } from '../../../shared/lake/table.ts';
import { lakeTime } from '../../support/times.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { anyRow, day, PROJECT } from '../../support/written-rows.ts';

const START = Date.parse('2026-03-02T00:00:00Z');

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

type Suggestion = Partial<Omit<RowOf<typeof indexSuggestions>, 'ts'>>;

/** Writes the snapshot of a day. Days are counted from the start. */
async function snapshot(
  number: number,
  suggestions: readonly Suggestion[],
  cluster = 'orders',
  kind = 'create_index',
) {
  const ts = START + number * DAY;
  const of = { ts, project_id: PROJECT, cluster_name: cluster, kind };
  const nothing = Object.fromEntries(indexSuggestions.columns.map(({ name }) => [name, null]));
  await lake.write(
    {
      table: indexSuggestions,
      rows: suggestions.map((suggestion) => ({ ...nothing, collected_at: ts + HOUR, ...of, ...suggestion })),
    },
    {
      table: indexSuggestionSnapshots,
      rows: [anyRow(indexSuggestionSnapshots, { ...of, suggestions: suggestions.length })],
    },
  );
}

const index = (index_keys: string, weight: number | null) => ({
  namespace: 'shop.orders',
  index_keys,
  weight,
});
const open = (columns: string) =>
  lake.ask(`SELECT ${columns} FROM index_suggestions_open ORDER BY weight_rank`);

test('shows suggestions of the last snapshot, since when every snapshot has had them', async () => {
  await snapshot(0, [index('[a]', 1), index('[b]', 5), index('[c]', 9)]);
  await snapshot(1, [index('[a]', 2)]);
  // Nobody took the snapshots of days 2 and 3.
  await snapshot(4, [index('[a]', 3), index('[b]', 7)]);
  expect(await open('dt, index_keys, weight_rank, open_since, snapshots, weight')).toEqual([
    {
      ...{ dt: day(START + 4 * DAY), index_keys: '[b]', weight_rank: 1, weight: 7 },
      ...{ open_since: lakeTime(START + 4 * DAY), snapshots: 1 },
    },
    {
      ...{ dt: day(START + 4 * DAY), index_keys: '[a]', weight_rank: 2, weight: 3 },
      ...{ open_since: lakeTime(START), snapshots: 3 },
    },
  ]);
});

test('shows nothing of a cluster whose last snapshot has no suggestions', async () => {
  await snapshot(0, [index('[a]', 1)]);
  await snapshot(1, []);
  await snapshot(0, [index('[a]', 1)], 'other');
  expect(await open('cluster_name')).toEqual([{ cluster_name: 'other' }]);
});

test('takes the last snapshot of each kind, and ranks what has no weight last, by size', async () => {
  await snapshot(1, [index('[a]', 1)]);
  await snapshot(2, [], 'orders', 'schema_advice');
  const unused = { reason: 'UNUSED', namespace: 'shop.orders', index_keys: '[a]' };
  await snapshot(
    2,
    [
      { ...unused, index_name: 'small', size_bytes: 10 },
      { ...unused, index_name: 'large', size_bytes: 20 },
    ],
    'orders',
    'drop_index',
  );
  expect(await open('dt, index_name')).toEqual([
    { dt: day(START + DAY), index_name: null },
    { dt: day(START + 2 * DAY), index_name: 'large' },
    { dt: day(START + 2 * DAY), index_name: 'small' },
  ]);
});

test('leaves out a cluster without snapshots for more than two weeks', async () => {
  await snapshot(0, [index('[a]', 1)], 'gone');
  await snapshot(1, [index('[a]', 1)], 'quiet');
  await snapshot(15, []);
  expect(await open('cluster_name')).toEqual([{ cluster_name: 'quiet' }]);
});
