import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import * as z from 'zod';
import { queryRows } from '../../cli/duckdb/query.ts';
import { noRows, quoted, readParquet } from '../../cli/duckdb/table-sql.ts';
import { NOTHING_COMPACTED } from '../../infra/analysis/compaction-definition.ts';
import { parquetTable, wholeTableQuery } from '../../infra/analysis/statements.ts';
import { athena, wholeTable } from '../../sql/athena.ts';
import { duckdb } from '../../sql/duckdb.ts';
import { lakeTables } from '../../sql/tables.ts';
import { viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { type Service, ServiceError } from './state-machine.ts';

const partitionInput = z.object({
  DatabaseName: z.string(),
  TableName: z.string(),
  PartitionInput: z.object({
    Values: z.tuple([z.string()]),
    StorageDescriptor: z.object({
      Location: z.string(),
      Columns: z.array(z.object({ Name: z.string(), Type: z.string() })),
    }),
  }),
});

/** Athena returns at most 1,000 rows at a time. */
const resultsInput = z.object({
  QueryExecutionId: z.string(),
  MaxResults: z.int().min(1).max(1000).default(1000),
  NextToken: z.coerce.number().default(0),
});

interface Partition {
  location: string;
  types: string[];
}

export interface AthenaStandIn {
  service: Service;
  /** The executed statements, in order. */
  statements: string[];
  metrics: Array<{ MetricName: string; Value: number }>;
  parameter(): string;
  /** Creates the tables and views of the running version, or replaces those of an earlier one. */
  deploy(): Promise<void>;
}

/**
 * Simulates the parts of Athena, Glue, SSM and CloudWatch that the compaction uses. DuckDB runs its statements in a
 * connection that has the lake's tables.
 * @param bucketFolder the folder of `s3://bucket/`
 */
export async function createAthenaStandIn(
  connection: DuckDBConnection,
  bucketFolder: string,
): Promise<AthenaStandIn> {
  const run = (sql: string) => queryRows(connection, sql);
  // A sequence in Trino has at most this many elements.
  await run(
    `CREATE MACRO sequence(first, last, step) AS CASE WHEN last - first >= 10000 THEN error('sequence is too long') ELSE [CAST(day AS date) FOR day IN generate_series(first, last, step)] END`,
  );
  /** The location and column types of partitions, by table and day. */
  const partitions = new Map<string, Map<string, Partition>>();
  const pathOf = (location: string) => path.join(bucketFolder, location.replace('s3://bucket/', ''));
  const refresh = async (name: string) => {
    const table = lakeTables.find((one) => parquetTable(one.name) === name);
    if (!table) throw new Error(`no table ${name}`);
    const all = [...(partitions.get(name)?.values() ?? [])];
    // Athena compares the columns of a partition with those of its table by position.
    for (const { types } of all) {
      if (table.columns.some(({ type }, index) => (types[index] ?? type) !== type)) {
        throw new ServiceError('HIVE_PARTITION_SCHEMA_MISMATCH');
      }
    }
    const folders = all.map(({ location }) => pathOf(location));
    const files = folders
      .map((folder) => path.join(folder, 'part.parquet'))
      .filter((file) => existsSync(file));
    const rows = files.length === 0 ? noRows(table) : readParquet(table, files);
    await run(`CREATE OR REPLACE VIEW ${name} AS ${rows}`);
  };
  // The only type that DuckDB does not know by Trino's name.
  const engine = { ...athena, jsonArray: duckdb('').jsonArray };
  const deploy = async () => {
    for (const table of lakeTables) {
      await refresh(parquetTable(table.name));
      const whole = wholeTableQuery(table, NOTHING_COMPACTED);
      await run(`CREATE OR REPLACE VIEW ${wholeTable(table.name)} AS ${whole}`);
    }
    for (const view of views) await run(`CREATE OR REPLACE VIEW ${view.name} AS ${viewSql(view, engine)}`);
  };
  await deploy();

  let boundary = NOTHING_COMPACTED;
  const statements: string[] = [];
  const metrics: AthenaStandIn['metrics'] = [];
  const results = new Map<string, Array<Record<string, unknown>>>();

  const start = async (argument: unknown) => {
    const { QueryString } = z.object({ QueryString: z.string() }).parse(argument);
    statements.push(QueryString);
    const unload = /^UNLOAD \((.*)\) TO '(s3:[^']+)' WITH \(.*\)$/s.exec(QueryString);
    let rows: Array<Record<string, unknown>> = [];
    if (unload) {
      const [, query = '', location = ''] = unload;
      const folder = pathOf(location);
      if (existsSync(folder)) throw new ServiceError('HIVE_PATH_ALREADY_EXISTS');
      await mkdir(folder, { recursive: true });
      // A day without rows has no file.
      const [first] = await run(`SELECT 1 FROM (${query}) LIMIT 1`);
      if (first)
        await run(`COPY (${query}) TO ${quoted(path.join(folder, 'part.parquet'))} (FORMAT parquet)`);
    } else rows = await run(QueryString);
    const QueryExecutionId = String(statements.length);
    results.set(QueryExecutionId, rows);
    return { QueryExecution: { QueryExecutionId } };
  };
  const read = (argument: unknown) => {
    const { QueryExecutionId, MaxResults, NextToken } = resultsInput.parse(argument);
    const rows = results.get(QueryExecutionId) ?? [];
    const data = (values: readonly unknown[]) => ({
      Data: values.map((value) => (value === null ? {} : { VarCharValue: String(value) })),
    });
    // The first row of the first page is the heading.
    const all = [
      data(Object.keys(rows[0] ?? { heading: '' })),
      ...rows.map((row) => data(Object.values(row))),
    ];
    const end = NextToken + MaxResults;
    return {
      ResultSet: { Rows: all.slice(NextToken, end) },
      ...(end < all.length ? { NextToken: String(end) } : {}),
    };
  };
  const setPartition = async (argument: unknown, mayReplace: boolean) => {
    const { TableName, PartitionInput } = partitionInput.parse(argument);
    const days = partitions.get(TableName) ?? new Map<string, Partition>();
    const [day] = PartitionInput.Values;
    if (days.has(day) !== mayReplace) {
      throw new ServiceError(mayReplace ? 'Glue.EntityNotFoundException' : 'Glue.AlreadyExistsException');
    }
    const { Location: location, Columns } = PartitionInput.StorageDescriptor;
    partitions.set(TableName, days.set(day, { location, types: Columns.map(({ Type }) => Type) }));
    await refresh(TableName);
    return {};
  };
  return {
    deploy,
    statements,
    metrics,
    parameter: () => boundary,
    async service(resource, argument) {
      switch (resource.replace('arn:aws:states:::', '')) {
        case 'athena:startQueryExecution.sync':
          return start(argument);
        case 'athena:getQueryResults':
          return read(argument);
        case 'aws-sdk:glue:createPartition':
          return setPartition(argument, false);
        case 'aws-sdk:glue:updatePartition':
          return setPartition(argument, true);
        case 'aws-sdk:ssm:getParameter':
          return { Parameter: { Value: boundary } };
        case 'aws-sdk:ssm:putParameter':
          boundary = z.object({ Value: z.string() }).parse(argument).Value;
          return {};
        case 'aws-sdk:cloudwatch:putMetricData':
          metrics.push(
            ...z
              .object({ MetricData: z.array(z.object({ MetricName: z.string(), Value: z.number() })) })
              .parse(argument).MetricData,
          );
          return {};
        default:
          throw new Error(`no stand-in for ${resource}`);
      }
    },
  };
}
