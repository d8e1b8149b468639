import { DAY, MINUTE } from '../../shared/durations.ts';
import type { WrittenLake } from '../support/written-lake.ts';
import { diskRow, diskTable } from '../support/written-rows.ts';

export const DAYS = 30;
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

/** What questions read: names of tables and views, or queries in parentheses. */
export interface Sources {
  disks: string;
  forecast: string;
  hourly: string;
}

/** The tables and views of a lake. */
export const SOURCES: Sources = {
  disks: 'disk_measurements',
  forecast: 'disk_forecast',
  hourly: 'hourly_measurements',
};

/** What answering a question took. */
export interface Cost {
  bytes: number;
  milliseconds: number;
}

export interface Answered {
  question: string;
  /** The result as text. Equal results of different engines have equal texts. */
  answer: string;
  cost: Cost;
}

/** Returns five typical questions of users about thirty days. */
function questions(start: number, { disks, forecast, hourly }: Sources): Record<string, string> {
  const day = (number: number) => new Date(start + (number - 1) * DAY).toISOString().slice(0, 10);
  return {
    'which disk is full first': `SELECT process_id, round(days_until_full, 3) AS days FROM ${forecast} ORDER BY days_until_full LIMIT 5`,
    'one disk on one day, by the hour': `SELECT measurement, to_unixtime(hour) AS hour, max_value FROM ${hourly} WHERE dt = '${day(20)}' AND process_id = 'host-7:27017' ORDER BY measurement, hour`,
    'the slowest reads of a week': `SELECT process_id, max(value) AS worst FROM ${disks} WHERE dt BETWEEN '${day(10)}' AND '${day(16)}' AND measurement = 'DISK_PARTITION_LATENCY_READ' GROUP BY process_id ORDER BY worst DESC, process_id LIMIT 5`,
    'mean queue of each disk over the month': `SELECT process_id, round(avg(value)) AS mean FROM ${disks} WHERE measurement = 'DISK_QUEUE_DEPTH' AND dt >= '${day(1)}' GROUP BY process_id ORDER BY process_id`,
    'how many rows each day has': `SELECT dt, count(*) AS rows FROM ${disks} WHERE dt >= '${day(1)}' GROUP BY dt ORDER BY dt`,
  };
}

/** Writes thirty days of a hundred disks. Returns the number of rows. */
export async function writeDisks(lake: WrittenLake, start: number): Promise<number> {
  let count = 0;
  for (let ts = start; ts < start + DAYS * DAY; ts += TICK) {
    const rows = Array.from({ length: DISKS }, (_, disk) =>
      SERIES.map((measurement, series) =>
        diskRow({
          process_id: `host-${disk}:27017`,
          measurement,
          ts,
          value: 1e9 * (series + 1) + (ts - start) * (disk + 1) + Math.sin(ts / DAY + disk * series) * 1e6,
        }),
      ),
    ).flat();
    count += rows.length;
    await lake.write({ table: diskTable, rows });
  }
  return count;
}

/** Asks each question some times. The cost is that of the median by time. */
export async function askEach(
  start: number,
  sources: Sources,
  ask: (sql: string) => Promise<{ rows: ReadonlyArray<Readonly<Record<string, unknown>>>; bytes: number }>,
): Promise<Answered[]> {
  const all: Answered[] = [];
  for (const [question, sql] of Object.entries(questions(start, sources))) {
    const costs: Cost[] = [];
    let answer = '';
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      const { rows, bytes } = await ask(sql);
      costs.push({ milliseconds: performance.now() - began, bytes });
      answer = JSON.stringify(rows.map((row) => Object.values(row)));
    }
    costs.sort((a, b) => a.milliseconds - b.milliseconds);
    const cost = costs[Math.floor(ROUNDS / 2)];
    if (cost) all.push({ question, answer, cost });
  }
  return all;
}

/** Returns what another engine answered to the same question. @throws {Error} if it is something else */
export function sameAnswer(one: Answered, others: readonly Answered[]): Answered {
  const its = others.find(({ question }) => question === one.question);
  if (its?.answer === one.answer) return its;
  throw new Error(`${one.question}: ${one.answer.slice(0, 500)} is not ${its?.answer.slice(0, 500)}`);
}
