import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { compare, DATABASES, DISKS, exactly, expectedOf } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

/** One dataset of each engine. */
const DATASETS = ['database_measurements', 'disk_measurements', 'access_logs', 'alerts', 'cost_usage'];

let scenario: Scenario;
afterEach(() => scenario.close());

async function ticks(from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at += 20 * MINUTE) await scenario.tick(at, DATASETS);
  expect(scenario.crashes).toEqual([]);
}

/** Returns the keys of all objects that have rows, with the number of rows. */
async function committed(): Promise<Map<string, number>> {
  const objects = await lakeObjects(scenario.bucket);
  return new Map(objects.filter(({ rows }) => rows.length > 0).map(({ key, rows }) => [key, rows.length]));
}

async function notes(): Promise<string[]> {
  const runs = await tableRows(scenario.bucket, 'collection_runs');
  return runs.flatMap(({ notes: text }) => (text === null ? [] : JSON.parse(String(text))));
}

describe('a cursor table that is replaced while the bucket stays', () => {
  const organisation = createOrganisation({
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: [{}], databases: ['orders'], disks: ['data'] }] }],
  });
  const cursorsOf = (folder: string) => path.join(folder, '.cursors');
  const savedOf = (folder: string) => `${folder}-saved`;

  test.each([
    [
      'by its content of two hours ago',
      async (folder: string) => cp(savedOf(folder), cursorsOf(folder), { recursive: true }),
    ],
    ['by an empty one, as by a new stack with an old bucket', async () => {}],
  ])(
    '%s: nothing is destroyed, written twice or lost, and the replacement is reported',
    async (_, replace) => {
      scenario = await startScenario({ organisation, start: T });
      await ticks(T, T + HOUR);
      await scenario.restart((folder) => cp(cursorsOf(folder), savedOf(folder), { recursive: true }));
      await ticks(T + 80 * MINUTE, T + 2 * HOUR);
      const before = await committed();
      await scenario.restart(async (folder) => {
        await rm(cursorsOf(folder), { recursive: true });
        await replace(folder);
        await rm(savedOf(folder), { recursive: true });
      });
      await ticks(T + 140 * MINUTE, T + 3 * HOUR);
      const after = await committed();
      expect([...before].filter(([key, rows]) => after.get(key) !== rows)).toEqual([]);
      expect(await lakeViolations(scenario.bucket)).toEqual([]);
      expect(await tableRows(scenario.bucket, 'collection_gaps')).toEqual([]);
      for (const kind of [DATABASES, DISKS]) {
        const expected = expectedOf(organisation, kind, { first: T, last: T + 3 * HOUR });
        expect(compare(await tableRows(scenario.bucket, kind.table), expected)).toEqual(exactly(expected));
      }
      expect(
        (await notes()).filter((note) => note.includes('cursor table was behind the lake')).length,
      ).toBeGreaterThan(1);
    },
  );
});
