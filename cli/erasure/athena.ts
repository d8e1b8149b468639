import { setTimeout } from 'node:timers/promises';
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { StatementError } from './statement-error.ts';

/** How often Athena is asked whether a statement has ended, ms. */
const POLL = 500;

/** What Athena says when it did a part of a statement. */
const REPEAT = 'MORE_RUNS_NEEDED';

const MAX_REPEATS = 100;

/** Runs statements in one workgroup. */
export class Athena {
  readonly #client: AthenaClient;
  readonly #workGroup: string;
  readonly #database: string;

  constructor(client: AthenaClient, workGroup: string, database: string) {
    this.#client = client;
    this.#workGroup = workGroup;
    this.#database = database;
  }

  /**
   * Runs a statement to its end, and again while Athena did only a part of it.
   *
   * @returns the rows of its first page, at most 999, as texts
   * @throws {StatementError}
   */
  async run(statement: string): Promise<Array<Array<string | null>>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#runOnce(statement);
      } catch (error) {
        const isPartial = error instanceof StatementError && error.message.includes(REPEAT);
        if (!isPartial || attempt === MAX_REPEATS) throw error;
      }
    }
  }

  async #runOnce(statement: string): Promise<Array<Array<string | null>>> {
    const { QueryExecutionId } = await this.#client.send(
      new StartQueryExecutionCommand({
        QueryString: statement,
        WorkGroup: this.#workGroup,
        QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: this.#database },
      }),
    );
    for (;;) {
      const { QueryExecution } = await this.#client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { State, StateChangeReason = 'no reason given' } = QueryExecution?.Status ?? {};
      if (State === 'SUCCEEDED') break;
      if (State === 'FAILED' || State === 'CANCELLED') {
        throw new StatementError(`Athena could not run a statement: ${StateChangeReason}`);
      }
      await setTimeout(POLL);
    }
    const { ResultSet } = await this.#client.send(new GetQueryResultsCommand({ QueryExecutionId }));
    // The first row has the names of the columns. A statement that is no query has no rows.
    return (ResultSet?.Rows ?? [])
      .slice(1)
      .map(({ Data = [] }) => Data.map(({ VarCharValue = null }) => VarCharValue));
  }
}
