import { DAY, HOUR } from '../../shared/durations.ts';
import { type LakeRow, tableRows } from './lake-files.ts';
import { onDay, questions } from './questions.ts';
import { instantOf, lakeTime } from './times.ts';

/** The answer of a query, and what the rows of the lake's files say. */
export interface Answer {
  title: string;
  /** What each row of the answer is about, and its main value. */
  found: ReadonlyArray<readonly [name: string, value: unknown]>;
  /** The value of each name. The answer may have only the greatest ones. */
  expected: Readonly<Record<string, number>>;
}

/** How to find the answer to a question in the rows of a table, without SQL. */
interface Calculation {
  table: string;
  /** Whether a row counts, on a day that starts at `today` (ms). */
  counts(row: LakeRow, today: number): boolean;
  amount(row: LakeRow): number;
  combine(one: number, other: number): number;
  /** What a row of the table or of the answer is about. */
  name(row: LakeRow): string;
  /** The column of the answer that has the value. */
  value: string;
}

const sum = (one: number, other: number) => one + other;
const isThisWeek = (row: LakeRow, today: number) => timeOf(row) >= today - 6 * DAY;

/** By the start of the question. */
const CALCULATIONS: Readonly<Record<string, Calculation>> = {
  'When was each cluster busiest': {
    table: 'process_measurements',
    counts: (row, today) =>
      row['measurement'] === 'MAX_PROCESS_NORMALIZED_CPU_USER' &&
      timeOf(row) >= today - 4 * HOUR &&
      timeOf(row) < today + 6 * HOUR,
    amount: (row) => Number(row['value']),
    combine: Math.max,
    name: (row) => String(row['cluster_name']),
    value: 'max_cpu_user_percent',
  },
  'How close are connections': {
    table: 'process_measurements',
    counts: (row, today) => row['measurement'] === 'CONNECTIONS' && timeOf(row) >= today - DAY,
    amount: (row) => Number(row['value']),
    combine: Math.max,
    name: (row) => String(row['process_id']),
    value: 'connections',
  },
  'Which queries took the most time': {
    table: 'slow_queries',
    counts: (row, today) => isThisWeek(row, today) && row['is_user_query'] !== false,
    amount: (row) => Number(row['duration_ms']) / 1_000,
    combine: sum,
    name: ({ cluster_name, namespace, op_type, plan_summary, query_shape }) =>
      JSON.stringify([cluster_name, namespace, op_type, plan_summary, query_shape]),
    value: 'total_seconds',
  },
  'From which addresses do logins fail': {
    table: 'access_logs',
    counts: (row, today) => isThisWeek(row, today) && row['auth_result'] === false,
    amount: () => 1,
    combine: sum,
    name: (row) => String(row['ip_address']),
    value: 'attempts',
  },
};

/**
 * Asks every question of `docs/questions.md`, and calculates the answers to some of them. Returns these.
 *
 * @param today the start of the day on which the questions are asked, ms
 */
export async function answersOf(
  ask: (sql: string) => Promise<readonly LakeRow[]>,
  bucket: string,
  today: number,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { title, sql } of await questions()) {
    const rows = await ask(onDay(sql, lakeTime(today).slice(0, 10)));
    const [, calculation] = Object.entries(CALCULATIONS).find(([start]) => title.startsWith(start)) ?? [];
    if (!calculation) continue;
    const { table, name, value } = calculation;
    const found = rows.map((row) => [name(row), row[value]] as const);
    answers.push({ title, found, expected: calculated(await tableRows(bucket, table), calculation, today) });
  }
  return answers;
}

function calculated(rows: readonly LakeRow[], how: Calculation, today: number): Record<string, number> {
  const values = new Map<string, number>();
  for (const row of rows) {
    if (!how.counts(row, today)) continue;
    const name = how.name(row);
    const before = values.get(name);
    values.set(name, before === undefined ? how.amount(row) : how.combine(before, how.amount(row)));
  }
  return Object.fromEntries(values);
}

function timeOf(row: LakeRow): number {
  return instantOf(row['ts']);
}
