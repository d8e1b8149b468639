import { DAY, HOUR } from '../../../shared/durations.ts';
import { athena, landingTable } from '../../../sql/athena.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { type View, viewSql } from '../../../sql/view.ts';
import { diskForecast } from '../../../sql/views/disk-forecast.ts';
import { hourlyMeasurements } from '../../../sql/views/measurements.ts';
import { createWrittenLake } from '../../support/written-lake.ts';
import { diskTable } from '../../support/written-rows.ts';
import { type Lakehouse, startLakehouse } from '../../trino/lakehouse.ts';
import { startPublishing } from '../../trino/publishing.ts';
import type { TrinoValue } from '../../trino/trino.ts';
import { askDuckdb, compactDisks } from '../compaction.ts';
import {
  type Answered,
  askEach,
  type Cost,
  DAYS,
  SOURCES,
  type Sources,
  sameAnswer,
  writeDisks,
} from '../five-questions.ts';

export interface EngineComparison {
  question: string;
  /** The landing table in Trino. */
  landing: Cost;
  /** The Iceberg table in Trino. */
  iceberg: Cost;
  /** Parquet files of this machine in DuckDB. */
  parquet: Cost;
}

/** One execution publishes a bounded number of objects. */
const MAX_EXECUTIONS = 20;

/** Measures five questions over thirty days of a hundred disks in each form that the lake has. */
export async function engines(): Promise<EngineComparison[]> {
  // The views of Trino end their spans with the present day.
  const start = Math.floor(Date.now() / DAY) * DAY - (DAYS - 1) * DAY;
  const lake = await createWrittenLake();
  const house = await startLakehouse({ catalog: { landingDays: DAYS } });
  try {
    const rows = await writeDisks(lake, start);
    await house.upload(lake.bucket);
    await publish(house, rows);
    await compactDisks(lake, start);
    process.stderr.write('asking ...\n');
    const landing = await askTrino(house, start, LANDING);
    const iceberg = await askTrino(house, start, SOURCES);
    const parquet = await askDuckdb(lake, start);
    return landing.map((one) => ({
      question: one.question,
      landing: one.cost,
      iceberg: sameAnswer(one, iceberg).cost,
      parquet: sameAnswer(one, parquet).cost,
    }));
  } finally {
    house.close();
    await lake.remove();
  }
}

/** The landing tables, and views that read them instead of the Iceberg tables. */
const LANDING: Sources = {
  disks: landingTable(SOURCES.disks),
  forecast: overLanding(diskForecast),
  hourly: overLanding(hourlyMeasurements),
};

function overLanding(view: View): string {
  return `(${viewSql(view, { ...athena, from: athena.landing })})`;
}

/** Publishes all rows, and runs the nightly maintenance once. */
async function publish(house: Lakehouse, rows: number): Promise<void> {
  const publishing = await startPublishing(house, lakeTables);
  try {
    for (let execution = 1; ; execution += 1) {
      process.stderr.write(`publication ${execution} ...\n`);
      await publishing.execute();
      const [count] = await house.trino.ask(`SELECT count(*) AS rows FROM ${diskTable.name}`);
      if (count?.['rows'] === rows) break;
      if (execution === MAX_EXECUTIONS) throw new Error(`${count?.['rows']} of ${rows} rows are published`);
    }
    publishing.wait(3 * HOUR);
    await publishing.execute();
  } finally {
    await publishing.close();
  }
}

async function askTrino(house: Lakehouse, start: number, sources: Sources): Promise<Answered[]> {
  return askEach(start, sources, async (sql) => {
    const { columns, rows, readBytes } = await house.trino.run(sql);
    return { rows: rows.map((row) => named(columns, row)), bytes: readBytes };
  });
}

function named(columns: ReadonlyArray<{ name: string }>, row: readonly TrinoValue[]) {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]));
}
