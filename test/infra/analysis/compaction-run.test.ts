import type { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askAll } from '../../../cli/duckdb/ask.ts';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { datasets } from '../../../functions/datasets.ts';
import { compactedTables } from '../../../infra/analysis/compacted-tables.ts';
import { compactionDefinition } from '../../../infra/analysis/compaction-definition.ts';
import { wholeTable } from '../../../sql/athena.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { type AthenaStandIn, createAthenaStandIn } from '../../support/athena-stand-in.ts';
import { createSampleLake, SAMPLE } from '../../support/sample-lake.ts';
import { runStateMachine, type Service } from '../../support/state-machine.ts';
import { loadTrinoGrammar } from '../../support/trino-grammar.ts';
import type { WrittenLake } from '../../support/written-lake.ts';
import { collectionRuns, diskRow, diskTable, runRow } from '../../support/written-rows.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createSampleLake();
  // The sample's own runs do not say which days they wrote to.
  for (let number = 0; number < SAMPLE.days; number += 1) {
    await reportRun(SAMPLE.start + number * DAY + 23 * HOUR, number, number);
  }
  for (const [index, month] of SAMPLE.months.entries()) {
    const first = (Date.parse(month) - SAMPLE.start) / DAY;
    await reportRun(SAMPLE.start + index * HOUR, first, first, ['cost_usage']);
  }
});
afterEach(() => lake.remove());

const day = (number: number) => new Date(SAMPLE.start + number * DAY).toISOString().slice(0, 10);

/** A run of every dataset, or of those named, that wrote to the days from `first` to `last`. */
async function reportRun(
  ts: number,
  first: number,
  last: number,
  names: readonly string[] = datasets.map(({ name }) => name),
): Promise<void> {
  const days = { first_dt: day(first), last_dt: day(last) };
  const rows = names.map((dataset) => runRow({ dataset, ts, ...days }));
  await lake.write({ table: collectionRuns, rows });
}

const definition = compactionDefinition(compactedTables(datasets), {
  ...{ database: 'atlas_lake', workGroup: 'queries', bucket: 'bucket', boundary: '/boundary' },
  metricNamespace: 'AtlasLake',
});

let executions = 0;

/** Runs the machine at half past six of a day, with what a test makes of its services. */
function compactOn(number: number, service: Service): Promise<unknown> {
  executions += 1;
  const StartTime = new Date(SAMPLE.start + number * DAY + 6.5 * HOUR).toISOString();
  return runStateMachine(definition, service, { Execution: { StartTime, Name: `execution-${executions}` } });
}

async function withAthena(
  use: (athena: AthenaStandIn, connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  await withLakeDatabase(lake.folder, async (connection) => {
    await use(await createAthenaStandIn(connection, lake.bucket), connection);
  });
}

/** The tables whose whole differs from their NDJSON, in any row. */
async function differing(connection: DuckDBConnection): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name } of lakeTables) {
    const [counts] = await askAll(
      connection,
      `SELECT (SELECT count(*) FROM (SELECT * FROM ${name} EXCEPT ALL SELECT * FROM ${wholeTable(name)})) AS missing, (SELECT count(*) FROM (SELECT * FROM ${wholeTable(name)} EXCEPT ALL SELECT * FROM ${name})) AS extra`,
    );
    if (counts?.['missing'] !== 0 || counts['extra'] !== 0) wrong.push(`${name} ${JSON.stringify(counts)}`);
  }
  return wrong;
}

const parquetDays = async (connection: DuckDBConnection, table: string) =>
  (await askAll(connection, `SELECT DISTINCT dt FROM ${table}_parquet ORDER BY dt`)).map(({ dt }) => dt);

test('the machine compacts every finished day, and only what was touched since; no row is lost or twice', async () => {
  await withAthena(async (athena, connection) => {
    await compactOn(10, athena.service);
    expect(await differing(connection)).toEqual([]);
    expect(await parquetDays(connection, 'disk_measurements')).toEqual(
      Array.from({ length: 10 }, (_, n) => day(n)),
    );
    expect(athena.parameter()).toBe(day(10));
    expect(athena.metrics).toEqual(
      [{ MetricName: 'DuplicateRows', Value: 0, Unit: 'Count' }].map(({ Unit: _, ...metric }) => metric),
    );

    // Late rows of an old day, and the run that reports them.
    const late = diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: SAMPLE.start + 3 * DAY + 1, value: 1 });
    await lake.write({ table: diskTable, rows: [late] });
    await reportRun(SAMPLE.start + 10 * DAY + 12 * HOUR, 3, 3);
    const before = athena.statements.length;
    await compactOn(11, athena.service);
    expect(await differing(connection)).toEqual([]);
    const unloaded = athena.statements
      .slice(before)
      .filter((sql) => /^UNLOAD.* FROM disk_measurements /.test(sql));
    expect(unloaded.map((sql) => /dt = '([^']+)'/.exec(sql)?.[1])).toEqual([day(3), day(9), day(10)]);
  });
}, 240_000);

test('dying at any task it leaves every table whole, and the next execution ends the work', async () => {
  await withAthena(async (athena, connection) => {
    let calls = 0;
    await compactOn(2, async (resource, argument) => {
      calls += 1;
      return athena.service(resource, argument);
    });
    await reportRun(SAMPLE.start + 2 * DAY + 12 * HOUR, 0, 3);
    // Each execution dies a few tasks later than the one before; every other time the task was done all the same.
    for (let dies = 1; dies < calls * 2; dies += 11) {
      let left = dies;
      const dying: Service = async (resource, argument) => {
        left -= 1;
        if (left > 0) return athena.service(resource, argument);
        if (dies % 2 === 0) await athena.service(resource, argument);
        throw new Error('died');
      };
      const ended = await compactOn(4, dying).then(
        () => true,
        () => false,
      );
      expect(await differing(connection)).toEqual([]);
      if (ended) break;
      expect(athena.parameter()).toBe(day(2));
    }
    await compactOn(4, athena.service);
    expect(await differing(connection)).toEqual([]);
    expect(athena.parameter()).toBe(day(4));
  });
}, 240_000);

test('rows that are there twice are counted', async () => {
  const twice = diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: SAMPLE.start + 9 * DAY, value: 1 });
  await lake.write({ table: diskTable, rows: [twice, twice, twice] });
  await withAthena(async (athena) => {
    await compactOn(9, athena.service);
    expect(athena.metrics).toEqual([{ MetricName: 'DuplicateRows', Value: 2 }]);
  });
}, 120_000);

test("what Athena is asked is in Trino's grammar", async () => {
  const errorsOf = await loadTrinoGrammar();
  await withAthena(async (athena) => {
    await compactOn(1, athena.service);
    expect(athena.statements.length).toBeGreaterThan(3 * lakeTables.length);
    for (const statement of athena.statements) {
      const query = /^UNLOAD \((.*)\) TO /s.exec(statement)?.[1] ?? statement;
      expect(errorsOf(`${query};`)).toEqual([]);
    }
  });
}, 120_000);
