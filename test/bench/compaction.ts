import { readFile } from 'node:fs/promises';
import { compactLake } from '../../cli/compaction/compact-lake.ts';
import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import { queryRows } from '../../cli/duckdb/query.ts';
import { DAY, MINUTE } from '../../shared/durations.ts';
import { lakeTables } from '../../sql/tables.ts';
import { createWrittenLake, type WrittenLake } from '../support/written-lake.ts';
import { diskRow, diskTable } from '../support/written-rows.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const DAYS = 30;
const DISKS = 100;
/** A file arrives every twenty minutes. Here it has one value of each series, in reality twenty. */
const TICK = 20 * MINUTE;
const SERIES = [
  'DISK_PARTITION_SPACE_USED',
  'DISK_PARTITION_SPACE_FREE',
  'DISK_PARTITION_IOPS_READ',
  'DISK_PARTITION_LATENCY_READ',
  'DISK_QUEUE_DEPTH',
];
const ROUNDS = 3;

/** Typical questions of users. */
const QUESTIONS = {
  'which disk is full first':
    'SELECT process_id, days_until_full FROM disk_forecast ORDER BY days_until_full LIMIT 5',
  'one disk on one day, by the hour':
    "SELECT measurement, hour, max_value FROM hourly_measurements WHERE dt = '2026-03-20' AND process_id = 'host-7:27017' ORDER BY measurement, hour",
  'the slowest reads of a week':
    "SELECT process_id, max(value) AS worst FROM disk_measurements WHERE dt BETWEEN '2026-03-10' AND '2026-03-16' AND measurement = 'DISK_PARTITION_LATENCY_READ' GROUP BY process_id ORDER BY worst DESC, process_id LIMIT 5",
  'mean queue of each disk over the month':
    "SELECT process_id, round(avg(value)) AS mean FROM disk_measurements WHERE measurement = 'DISK_QUEUE_DEPTH' GROUP BY process_id ORDER BY process_id",
  'how many rows each day has': 'SELECT dt, count(*) AS rows FROM disk_measurements GROUP BY dt ORDER BY dt',
};

export interface Comparison {
  question: string;
  ndjson: Cost;
  parquet: Cost;
}

interface Cost {
  bytes: number;
  milliseconds: number;
}

/** Measures five questions over thirty days of a hundred disks, before and after compaction. */
export async function compaction(): Promise<{ rows: number; comparisons: Comparison[] }> {
  const lake = await createWrittenLake();
  try {
    const rows = await fill(lake);
    const before = await askEach(lake);
    await compactLake(
      { lake: lake.folder, bucket: lake.bucket, tables: lakeTables },
      START + (DAYS + 1) * DAY,
      () => {},
    );
    const after = await askEach(lake);
    const comparisons = before.map(({ question, answer, cost }, index) => {
      const its = after[index];
      if (!its || its.answer !== answer) throw new Error(`compaction changed the answer: ${question}`);
      return { question, ndjson: cost, parquet: its.cost };
    });
    return { rows, comparisons };
  } finally {
    await lake.remove();
  }
}

async function fill(lake: WrittenLake): Promise<number> {
  let count = 0;
  for (let ts = START; ts < START + DAYS * DAY; ts += TICK) {
    const rows = Array.from({ length: DISKS }, (_, disk) =>
      SERIES.map((measurement, series) =>
        diskRow({
          process_id: `host-${disk}:27017`,
          measurement,
          ts,
          value: 1e9 * (series + 1) + (ts - START) * (disk + 1) + Math.sin(ts / DAY + disk * series) * 1e6,
        }),
      ),
    ).flat();
    count += rows.length;
    await lake.write({ table: diskTable, rows });
  }
  return count;
}

async function askEach(lake: WrittenLake): Promise<Array<{ question: string; answer: string; cost: Cost }>> {
  return withLakeDatabase(lake.folder, async (connection) => {
    const all = [];
    for (const [question, sql] of Object.entries(QUESTIONS)) {
      const costs: Cost[] = [];
      let answer = '';
      for (let round = 0; round < ROUNDS; round += 1) {
        const [bytes, start] = [await bytesRead(), performance.now()];
        answer = JSON.stringify(await queryRows(connection, sql));
        costs.push({ milliseconds: performance.now() - start, bytes: (await bytesRead()) - bytes });
      }
      costs.sort((a, b) => a.milliseconds - b.milliseconds);
      const cost = costs[Math.floor(ROUNDS / 2)];
      if (cost) all.push({ question, answer, cost });
    }
    return all;
  });
}

/** Returns the bytes that this process has read from files, including those from the page cache. */
async function bytesRead(): Promise<number> {
  const [, count] = /^rchar: (\d+)$/m.exec(await readFile('/proc/self/io', 'utf8')) ?? [];
  if (count === undefined)
    throw new Error('/proc/self/io has no count of read bytes: this benchmark needs Linux');
  return Number(count);
}
