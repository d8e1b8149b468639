import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { AthenaClient } from '@aws-sdk/client-athena';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Athena } from '../../../../cli/erasure/athena.ts';
import { StatementError } from '../../../../cli/erasure/statement-error.ts';
import { explain } from '../../../../cli/explain.ts';

/** The final states of the statements that are started, in order; the last one repeats. */
let states: Array<{ State: string; StateChangeReason?: string }>;
let started: unknown[];
let server: Server;
let client: AthenaClient;

beforeEach(async () => {
  started = [];
  const polls = new Map<string, number>();
  server = createServer(async (request, response) => {
    const input = Object(await json(request));
    const id = String(input.QueryExecutionId ?? '');
    const answers: Record<string, () => unknown> = {
      StartQueryExecution() {
        started.push(input);
        return { QueryExecutionId: String(started.length) };
      },
      GetQueryExecution() {
        polls.set(id, (polls.get(id) ?? 0) + 1);
        const final = states[Math.min(Number(id), states.length) - 1];
        return { QueryExecution: { Status: polls.get(id) === 1 ? { State: 'RUNNING' } : final } };
      },
      GetQueryResults: () => ({
        ResultSet: { Rows: [{ Data: [{ VarCharValue: 'name' }] }, { Data: [{ VarCharValue: 'a' }, {}] }] },
      }),
    };
    const target = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answers[target]?.() ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  client = new AthenaClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterEach(() => {
  client.destroy();
  server.close();
});

test('a statement runs in its workgroup and database, and returns its rows without the names of the columns', async () => {
  states = [{ State: 'SUCCEEDED' }];
  expect(await new Athena(client, 'group', 'lake').run('SELECT 1')).toEqual([['a', null]]);
  expect(started).toMatchObject([
    { QueryString: 'SELECT 1', WorkGroup: 'group', QueryExecutionContext: { Database: 'lake' } },
  ]);
});

test('a statement that Athena did in part is started again as another request', async () => {
  const part = { State: 'FAILED', StateChangeReason: 'ICEBERG_VACUUM_MORE_RUNS_NEEDED: more' };
  states = [part, part, { State: 'SUCCEEDED' }];
  await new Athena(client, 'group', 'lake').run('VACUUM t');
  expect(new Set(started.map((input) => Object(input).ClientRequestToken)).size).toBe(3);
});

test('a statement that fails ends the command with one line that says what to do', async () => {
  states = [{ State: 'FAILED', StateChangeReason: 'no\nspace' }];
  const error: unknown = await new Athena(client, 'group', 'lake').run('VACUUM t').catch((one) => one);
  expect(error).toBeInstanceOf(StatementError);
  expect(explain(error)).toEqual({
    message: 'atlas-lake: Athena could not run a statement: no space. Run the same command again to finish',
    code: 1,
  });
});
