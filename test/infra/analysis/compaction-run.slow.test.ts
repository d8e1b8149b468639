import type { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withLakeDatabase } from '../../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../../cli/duckdb/query.ts';
import { datasets } from '../../../functions/datasets.ts';
import { compactedTables } from '../../../infra/analysis/compacted-tables.ts';
import {
  compactionDefinition,
  DAYS_AT_ONCE,
  LISTINGS,
  NOTHING_COMPACTED,
} from '../../../infra/analysis/compaction-definition.ts';
import { moveBoundary } from '../../../infra/analysis/statements.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { wholeTable } from '../../../sql/athena.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { type AthenaStandIn, createAthenaStandIn } from '../../support/athena-stand-in.ts';
import { createSampleLake, SAMPLE } from '../../support/sample-lake.ts';
import { runStateMachine, type Service, ServiceError } from '../../support/state-machine.ts';
import { loadTrinoGrammar } from '../../support/trino-grammar.ts';
import type { WrittenLake } from '../../support/written-lake.ts';
import { alertRow, alerts, collectionRuns, diskRow, diskTable, runRow } from '../../support/written-rows.ts';

let lake: WrittenLake;
beforeEach(async () => {
  lake = await createSampleLake();
  // The runs of the sample do not report which days they wrote to.
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

/** Writes runs of all datasets, or of the named ones, that wrote to the days from `first` to `last`. */
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

const names = {
  ...{ database: 'atlas_lake', workGroup: 'queries', bucket: 'bucket', boundary: '/boundary' },
  metricNamespace: 'AtlasLake',
};
const definition = compactionDefinition(compactedTables(datasets), names);

let executions = 0;

/** Runs the state machine at 06:30 on a day, with a test's services. */
function compactOn(number: number, service: Service, machine = definition): Promise<{ events: number }> {
  executions += 1;
  const StartTime = new Date(SAMPLE.start + number * DAY + 6.5 * HOUR).toISOString();
  return runStateMachine(machine, service, { Execution: { StartTime, Name: `execution-${executions}` } });
}

async function withAthena(
  use: (athena: AthenaStandIn, connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  await withLakeDatabase(lake.folder, async (connection) => {
    await use(await createAthenaStandIn(connection, lake.bucket), connection);
  });
}

/** Returns the tables whose combined view differs from their NDJSON in any row. */
async function differing(connection: DuckDBConnection): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name } of lakeTables) {
    const [counts] = await queryRows(
      connection,
      `SELECT (SELECT count(*) FROM (SELECT * FROM ${name} EXCEPT ALL SELECT * FROM ${wholeTable(name)})) AS missing, (SELECT count(*) FROM (SELECT * FROM ${wholeTable(name)} EXCEPT ALL SELECT * FROM ${name})) AS extra`,
    );
    if (counts?.['missing'] !== 0 || counts['extra'] !== 0) wrong.push(`${name} ${JSON.stringify(counts)}`);
  }
  return wrong;
}

const parquetDays = async (connection: DuckDBConnection, table: string) =>
  (await queryRows(connection, `SELECT DISTINCT dt FROM ${table}_parquet ORDER BY dt`)).map(({ dt }) => dt);

test('a pass compacts every finished day, the next pass only touched days, and no row is lost or duplicated', async () => {
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

    // A late row of an old day, and the run that reports it.
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

test('an execution that dies at any task leaves every table complete, and the next execution finishes', async () => {
  await withAthena(async (athena, connection) => {
    let calls = 0;
    await compactOn(2, async (resource, argument) => {
      calls += 1;
      return athena.service(resource, argument);
    });
    await reportRun(SAMPLE.start + 2 * DAY + 12 * HOUR, 0, 3);
    // Each execution dies some tasks later than the previous one. In every second one, the last task still succeeds.
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
      expect(athena.parameter().split(' ')[0]).toBe(day(2));
    }
    await compactOn(4, athena.service);
    expect(await differing(connection)).toEqual([]);
    expect(athena.parameter()).toBe(day(4));
  });
}, 240_000);

describe('a lake with years of days', () => {
  const OLD = 1_100;
  const alertsOnly = compactionDefinition(
    compactedTables(datasets).filter(({ table }) => table.name === 'alerts'),
    names,
  );
  const built = (athena: AthenaStandIn) => athena.statements.filter((sql) => sql.startsWith('UNLOAD')).length;

  test('keeps its boundary until every day is built, over several nights, short pages and a failed day', async () => {
    // The first run writes the opening of an alert from three years ago, and reports all days since.
    await reportRun(SAMPLE.start + HOUR, -OLD, SAMPLE.days - 1, ['alerts']);
    const opened = (number: number, alert_id: string) =>
      alertRow({ alert_id, change: 'opened', status: 'OPEN', ...created(number) });
    const created = (number: number) => ({
      created: SAMPLE.start + number * DAY,
      ts: SAMPLE.start + number * DAY,
    });
    await lake.write({ table: alerts, rows: [-OLD, -900, -200, -20].map((n) => opened(n, `old ${n}`)) });
    await withAthena(async (athena, connection) => {
      const whole = () => queryRows(connection, `SELECT alert_id, change, ts FROM alerts_all ORDER BY ALL`);
      const plain = () => queryRows(connection, 'SELECT alert_id, change, ts FROM alerts ORDER BY ALL');
      const days = OLD + SAMPLE.days;

      const failing: Service = async (resource, argument) => {
        if (JSON.stringify(argument).includes(`dt = '${day(200 - OLD)}'`)) throw new Error('scan limit');
        return athena.service(resource, argument);
      };
      await expect(compactOn(20, failing, alertsOnly)).rejects.toThrow('scan limit');
      expect(athena.parameter()).toBe(
        `${NOTHING_COMPACTED} ${day(20)} ${day(DAYS_AT_ONCE - 1 - OLD)}/alerts`,
      );
      expect(await whole()).toEqual(await plain());

      // Athena may return fewer rows than requested.
      const short: Service = (resource, argument) =>
        athena.service(
          resource,
          resource.endsWith(':getQueryResults') ? { ...Object(argument), MaxResults: 90 } : argument,
        );
      const before = built(athena);
      await compactOn(21, short, alertsOnly);
      expect(built(athena) - before).toBe(89 * LISTINGS);
      expect(await whole()).toEqual(await plain());

      // A day that is already built gets a late row, and a run reports it.
      await lake.write({ table: alerts, rows: [opened(1 - OLD, 'late')] });
      await reportRun(SAMPLE.start + 21 * DAY + 8 * HOUR, 1 - OLD, 1 - OLD, ['alerts']);
      let night = 22;
      for (; athena.parameter() !== day(20); night += 1) {
        await compactOn(night, athena.service, alertsOnly);
        expect(await whole()).toEqual(await plain());
      }
      expect(built(athena)).toBe(days + 200 - DAYS_AT_ONCE);
      expect(await parquetDays(connection, 'alerts')).toContain(day(-OLD));

      await compactOn(night, athena.service, alertsOnly);
      expect(athena.parameter()).toBe(day(night));
      expect(athena.statements.at(-2)).toContain(`FROM alerts_parquet WHERE dt < '${day(night)}'`);
      expect(await whole()).toEqual(await plain());
      expect(await parquetDays(connection, 'alerts')).toContain(day(1 - OLD));
    });
  }, 240_000);

  test('an execution stays below the event limit of Step Functions when Athena refuses every query several times', async () => {
    let number = 0;
    const busy: Service = async (resource) => {
      if (resource.endsWith(':getParameter')) return { Parameter: { Value: NOTHING_COMPACTED } };
      if (resource.endsWith(':createPartition')) throw new ServiceError('Glue.AlreadyExistsException');
      if (!resource.endsWith(':getQueryResults')) return { QueryExecution: { QueryExecutionId: 'id' } };
      const row = () => {
        number += 1;
        return { Data: [{ VarCharValue: day(number) }, { VarCharValue: 'alerts' }] };
      };
      return { ResultSet: { Rows: [{ Data: [] }, ...Array.from({ length: DAYS_AT_ONCE }, row)] } };
    };
    const { events } = await compactOn(20, busy);
    const RETRIES = 5 * 3;
    expect(events + (DAYS_AT_ONCE * LISTINGS + 2 * lakeTables.length + LISTINGS + 1) * RETRIES).toBeLessThan(
      25_000,
    );
  });

  test('a progress of 1970-01-01 resets every view before any day is built', async () => {
    await withAthena(async (athena, connection) => {
      await queryRows(connection, moveBoundary(alerts, day(10)));
      await compactOn(1, athena.service);
      expect(await differing(connection)).toEqual([]);
    });
  }, 120_000);

  test('a day before Atlas existed does not stop the compaction of other days', async () => {
    const times = { ts: SAMPLE.start + HOUR, first_dt: '0001-01-01', last_dt: day(2) };
    await lake.write({ table: collectionRuns, rows: [runRow({ dataset: 'alerts', ...times })] });
    await withAthena(async (athena) => {
      await compactOn(3, athena.service, alertsOnly);
      expect(athena.parameter()).toContain(` ${day(3)} 20`);
    });
  }, 120_000);
});

test('the compaction counts duplicate rows', async () => {
  const twice = diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: SAMPLE.start + 9 * DAY, value: 1 });
  await lake.write({ table: diskTable, rows: [twice, twice, twice] });
  await withAthena(async (athena) => {
    await compactOn(9, athena.service);
    expect(athena.metrics).toEqual([{ MetricName: 'DuplicateRows', Value: 2 }]);
  });
}, 120_000);

test("all statements conform to Trino's grammar", async () => {
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
