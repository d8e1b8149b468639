import type { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askAll } from '../../../cli/duckdb/ask.ts';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { datasets } from '../../../functions/datasets.ts';
import { compactedTables } from '../../../infra/analysis/compacted-tables.ts';
import { compactionDefinition } from '../../../infra/analysis/compaction-definition.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import type { Table } from '../../../shared/lake/table.ts';
import { wholeTable } from '../../../sql/athena.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { ADDED, addedAnswer, appendTo, NO_VALUES, rowAt } from '../../support/appended-columns.ts';
import { createAthenaStandIn } from '../../support/athena-stand-in.ts';
import { runStateMachine, type Service } from '../../support/state-machine.ts';
import { createWrittenLake, type WrittenLake } from '../../support/written-lake.ts';
import { collectionRuns, runRow } from '../../support/written-rows.ts';

/** The tables of the deployed version. Tests set it to simulate a deployment. */
const version = vi.hoisted<{ tables: readonly Table[] }>(() => ({ tables: [] }));
vi.mock('../../../sql/tables.ts', async (actual) => {
  version.tables = (await actual<typeof import('../../../sql/tables.ts')>()).lakeTables;
  return {
    get lakeTables() {
      return version.tables;
    },
  };
});

const T = Date.parse('2026-03-02T12:00:00Z');
const OLD = lakeTables;
const NEW = lakeTables.map(appendTo);

let lake: WrittenLake;
beforeEach(async () => {
  version.tables = OLD;
  lake = await createWrittenLake();
});
afterEach(() => lake.remove());

const day = (number: number) => new Date(T + number * DAY).toISOString().slice(0, 10);
const at = (number: number, hour = 0) => T + number * DAY + hour * HOUR;

/** Writes one row of each table except `collection_runs`, and the runs that report the rows. */
async function writeDay(
  tables: readonly Table[],
  number: number,
  hour: number,
  ranOn = number,
): Promise<void> {
  for (const table of tables) {
    if (table.name !== collectionRuns.name)
      await lake.write({ table, rows: [rowAt(table, at(number, hour))] });
  }
  const days = { first_dt: day(number), last_dt: day(number) };
  const rows = datasets.map(({ name }) => runRow({ dataset: name, ts: at(ranOn, hour + 1), ...days }));
  await lake.write({ table: collectionRuns, rows });
}

/** Runs the deployed version's state machine at 06:30 on a day. */
async function compactOn(number: number, service: Service): Promise<void> {
  const names = {
    ...{ database: 'atlas_lake', workGroup: 'queries', bucket: 'bucket', boundary: '/boundary' },
    metricNamespace: 'AtlasLake',
  };
  const machine = compactionDefinition(compactedTables(datasets), names);
  const StartTime = `${day(number)}T06:30:00.000Z`;
  await runStateMachine(machine, service, { Execution: { StartTime, Name: `execution-${number}` } });
}

/** Checks the appended columns of every table with test rows, oldest row first. */
async function expectAdded(
  connection: DuckDBConnection,
  expected: ReadonlyArray<Record<string, unknown>>,
): Promise<void> {
  const names = ADDED.map(({ name }) => name).join(', ');
  for (const { name } of NEW) {
    if (name === collectionRuns.name) continue;
    const rows = await askAll(connection, `SELECT ${names} FROM ${wholeTable(name)} ORDER BY ts`);
    expect([name, ...rows]).toEqual([name, ...expected]);
  }
}

test('appended columns are null in days of an older version and have values in new and rebuilt days', async () => {
  await writeDay(OLD, 0, 0);
  await writeDay(OLD, 1, 0);
  // The connection has the landing tables of the new version, because JSON is read by name.
  version.tables = NEW;
  await withLakeDatabase(lake.folder, async (connection) => {
    version.tables = OLD;
    const athena = await createAthenaStandIn(connection, lake.bucket);
    await compactOn(3, athena.service);

    version.tables = NEW;
    await athena.deploy();
    await expectAdded(connection, [NO_VALUES, NO_VALUES]);

    // A later night adds a late row to the first day, and a new day. No run writes to the second day.
    await writeDay(NEW, 0, 1, 4);
    await writeDay(NEW, 4, 0);
    const before = athena.statements.length;
    await compactOn(5, athena.service);
    const built = athena.statements.slice(before).filter((sql) => /^UNLOAD.* FROM alerts /.test(sql));
    expect(built.map((sql) => /dt = '([^']+)'/.exec(sql)?.[1])).toEqual([day(0), day(4)]);
    await writeDay(NEW, 5, 0);
    await expectAdded(connection, [
      ...[NO_VALUES, addedAnswer(at(0, 1)), NO_VALUES],
      ...[addedAnswer(at(4)), addedAnswer(at(5))],
    ]);
  });
}, 120_000);
