import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type Service, ServiceError } from '../support/state-machine.ts';
import { ICEBERG_CATALOG } from './catalogs.ts';
import { translated } from './translate.ts';
import { type Trino, TrinoError, type TrinoResult, type TrinoValue } from './trino.ts';

/** Athena refuses longer statements. */
const LONGEST_STATEMENT = 262_144;

/** The statements whose result starts with a row of column names. Those of `SHOW` and `DESCRIBE` do not. */
const QUERY = /^[\s(]*(?:SELECT|WITH|VALUES)\b/i;

const startInput = z.object({
  QueryString: z.string(),
  WorkGroup: z.string().optional(),
  QueryExecutionContext: z
    .object({ Database: z.string().optional(), Catalog: z.string().optional() })
    .optional(),
});

const executionInput = z.object({ QueryExecutionId: z.string() });

/** Athena returns at most 1,000 rows at a time. */
const resultsInput = executionInput.extend({
  MaxResults: z.int().min(1).max(1000).default(1000),
  NextToken: z.coerce.number().default(0),
});

export interface QueryExecution {
  QueryExecutionId: string;
  Query: string;
  Status: { State: 'RUNNING' | 'SUCCEEDED' | 'FAILED'; StateChangeReason?: string };
  Statistics: { DataScannedInBytes: number; EngineExecutionTimeInMillis: number };
}

export interface QueryResults {
  ResultSet: {
    Rows: Array<{ Data: Array<{ VarCharValue?: string }> }>;
    ResultSetMetadata: { ColumnInfo: Array<{ Name: string; Type: string }> };
  };
  UpdateCount?: number;
  NextToken?: string;
}

interface Execution {
  execution: QueryExecution;
  result: TrinoResult | null;
  ended: Promise<void>;
}

/**
 * Behaves like Athena's API and runs the statements on Trino, translated by `translate.ts`. A query's first page starts with
 * a row of column names. Other statements have no such row.
 */
export class FakeAthena {
  /** The statements that were started, in order, as Athena received them. */
  readonly statements: string[] = [];
  readonly #trino: Trino;
  readonly #executions = new Map<string, Execution>();

  /** @param trino runs statements without `QueryExecutionContext` in its own schema */
  constructor(trino: Trino) {
    this.#trino = trino;
  }

  /** Starts a statement and returns at once, like `StartQueryExecution`. */
  startQueryExecution(input: unknown): { QueryExecutionId: string } {
    const { QueryString, QueryExecutionContext } = startInput.parse(input);
    if (Buffer.byteLength(QueryString) > LONGEST_STATEMENT) {
      throw new ServiceError('Athena.InvalidRequestException', { explanation: 'the statement is too long' });
    }
    this.statements.push(QueryString);
    const id = randomUUID();
    const execution: QueryExecution = {
      QueryExecutionId: id,
      Query: QueryString,
      Status: { State: 'RUNNING' },
      Statistics: { DataScannedInBytes: 0, EngineExecutionTimeInMillis: 0 },
    };
    const database = QueryExecutionContext?.Database;
    const trino = database === undefined ? this.#trino : this.#trino.withSchema(database);
    const its: Execution = { execution, result: null, ended: Promise.resolve() };
    its.ended = this.#run(its, trino);
    this.#executions.set(id, its);
    return { QueryExecutionId: id };
  }

  /** Returns the state of a statement, like `GetQueryExecution`. */
  getQueryExecution(input: unknown): { QueryExecution: QueryExecution } {
    return { QueryExecution: this.#execution(executionInput.parse(input).QueryExecutionId).execution };
  }

  /** Returns a page of a statement's result, like `GetQueryResults`. */
  getQueryResults(input: unknown): QueryResults {
    const { QueryExecutionId, MaxResults, NextToken } = resultsInput.parse(input);
    const { execution, result } = this.#execution(QueryExecutionId);
    if (result === null) {
      throw new ServiceError('Athena.InvalidRequestException', { explanation: 'the query did not succeed' });
    }
    const heading = { Data: result.columns.map(({ name }) => ({ VarCharValue: name })) };
    const rows = result.updateType === null ? result.rows : [];
    const all = [
      ...(QUERY.test(execution.Query) ? [heading] : []),
      ...rows.map((row) => ({
        Data: row.map((its, index) => (its === null ? {} : { VarCharValue: text(its, result, index) })),
      })),
    ];
    const end = NextToken + MaxResults;
    return {
      ResultSet: {
        Rows: all.slice(NextToken, end),
        ResultSetMetadata: {
          ColumnInfo: result.columns.map(({ name: Name, type: Type }) => ({ Name, Type })),
        },
      },
      ...(result.updateCount === null ? {} : { UpdateCount: result.updateCount }),
      ...(end < all.length ? { NextToken: String(end) } : {}),
    };
  }

  /** Runs a statement to its end and returns its rows as Athena's texts, without the row of column names. */
  async run(statement: string): Promise<Array<Array<string | null>>> {
    const { QueryExecutionId } = this.startQueryExecution({ QueryString: statement });
    await this.#finished(QueryExecutionId);
    const rows: Array<Array<string | null>> = [];
    let NextToken: string | undefined;
    do {
      const page = this.getQueryResults({
        QueryExecutionId,
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      for (const { Data } of page.ResultSet.Rows) rows.push(Data.map((its) => its.VarCharValue ?? null));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return QUERY.test(statement) ? rows.slice(1) : rows;
  }

  /** Answers the tasks of a state machine that call Athena, for `runStateMachine`. */
  readonly service: Service = async (resource, argument) => {
    switch (resource.replace(/^arn:aws:states:::(aws-sdk:)?/, '')) {
      case 'athena:startQueryExecution.sync': {
        const { QueryExecutionId } = this.startQueryExecution(argument);
        return { QueryExecution: await this.#finished(QueryExecutionId) };
      }
      case 'athena:startQueryExecution':
        return this.startQueryExecution(argument);
      case 'athena:getQueryExecution':
        return this.getQueryExecution(argument);
      case 'athena:getQueryResults':
        return this.getQueryResults(argument);
      default:
        throw new Error(`no stand-in for ${resource}`);
    }
  };

  #execution(id: string): Execution {
    const its = this.#executions.get(id);
    if (!its) throw new ServiceError('Athena.InvalidRequestException', { explanation: `no execution ${id}` });
    return its;
  }

  /** Waits for the end of a statement. Throws Step Functions' error if it failed. */
  async #finished(id: string): Promise<QueryExecution> {
    const its = this.#execution(id);
    await its.ended;
    const { Status } = its.execution;
    if (Status.State === 'FAILED')
      throw new ServiceError('States.TaskFailed', {
        explanation: JSON.stringify({ QueryExecution: { Status } }),
      });
    return its.execution;
  }

  async #run(its: Execution, trino: Trino): Promise<void> {
    const { execution } = its;
    const started = performance.now();
    try {
      const statements = await translated(execution.Query, {
        database: trino.schema,
        unique: execution.QueryExecutionId.replaceAll('-', '_'),
        propertyOf: (table, property) => propertyOf(trino, table, property),
      });
      let result: TrinoResult | null = null;
      for (const { sql, session } of statements) {
        const next = await trino.run(sql, session);
        result ??= next;
        execution.Statistics.DataScannedInBytes += next.readBytes;
      }
      its.result = result;
      execution.Status = { State: 'SUCCEEDED' };
    } catch (error) {
      const reason = error instanceof TrinoError ? error.message : `${error}`;
      execution.Status = { State: 'FAILED', StateChangeReason: reason };
    }
    execution.Statistics.EngineExecutionTimeInMillis = Math.round(performance.now() - started);
  }
}

/** Returns a property of an Iceberg table. */
async function propertyOf(trino: Trino, table: string, property: string): Promise<string | undefined> {
  const parts = table.replaceAll(/[`"]/g, '').split('.');
  const name = parts.pop() ?? '';
  const rows = await trino.ask(
    `SELECT value FROM ${ICEBERG_CATALOG}."${parts[0] ?? trino.schema}"."${name}$properties" WHERE key = '${property}'`,
  );
  const its = rows[0]?.['value'];
  return typeof its === 'string' ? its : undefined;
}

/** Returns a value as Athena's text. */
function text(its: Exclude<TrinoValue, null>, { columns }: TrinoResult, index: number): string {
  const isDouble = ['double', 'real'].includes(columns[index]?.type ?? '');
  return isDouble && typeof its === 'number' ? javaDouble(its) : String(its);
}

/** Formats a double as Java does: `1.0`, or `1.0E10` if it is very large or small. */
function javaDouble(its: number): string {
  const size = Math.abs(its);
  if (its === 0) return Object.is(its, -0) ? '-0.0' : '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(its) ? `${its}.0` : String(its);
  const [digits = '', exponent = ''] = its.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
