import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { publishHandler } from '../../../functions/publish/handler.ts';
import { MERGES_AT_ONCE } from '../../../functions/publish/plan.ts';
import { LOCK_DURATION, MAX_ROUNDS } from '../../../functions/publish/publisher.ts';
import { EXECUTION_SECONDS, publicationDefinition } from '../../../infra/analysis/publication-definition.ts';
import {
  RETRY_QUERIES,
  STARTING_SECONDS,
  STATEMENT_SECONDS,
} from '../../../infra/analysis/statement-states.ts';
import { DAY, HOUR, SECOND } from '../../../shared/durations.ts';
import { sliced } from '../../../shared/publication/slices.ts';
import { mergeSlice } from '../../../shared/publication/statements.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { projectNumber, writeBatch } from '../../support/committed-lake.ts';
import { createIcebergStandIn, type IcebergStandIn } from '../../support/iceberg-stand-in.ts';
import { createPublication, type TestPublication } from '../../support/publication.ts';
import { ExecutionFailed, runStateMachine, type Service, ServiceError } from '../../support/state-machine.ts';
import { startTestAws, type TestAws } from '../../support/test-aws.ts';
import { alertRow, alerts, diskRow, diskTable } from '../../support/written-rows.ts';

const T = Date.parse('2026-03-02T12:00:00Z');
const definition = publicationDefinition({
  namespace: 'AtlasLake',
  partition: 'aws',
  publish: 'publish',
  database: 'atlas_lake',
  workGroup: 'statements',
  bucket: 'lake',
});

/** Athena refuses a longer statement, bytes. */
const MAX_STATEMENT = 262_144;

const NAMES = { database: 'atlas_lake', slices: 'atlas_lake_slices', bucket: 'lake' };

/** Step Functions ends an execution with more events. */
const MAX_EVENTS = 25_000;

/** A query has five retries and a deletion three; each attempt is scheduled, started and failed. */
const RETRY_EVENTS = 5 * 3 + 3 * 3;

const startInput = z.object({
  QueryString: z.string(),
  ClientRequestToken: z.string().min(32).max(128).optional(),
});
const deleteInput = z.strictObject({ Bucket: z.literal('lake'), Key: z.string() });
const invokeInput = z.object({ Payload: z.unknown() });

let aws: TestAws;
let iceberg: IcebergStandIn;
let now: number;
let executions = 0;

beforeEach(async () => {
  aws = await startTestAws();
  iceberg = await createIcebergStandIn(aws.bucket, () => lakeTables);
  now = T;
});
afterEach(async () => {
  iceberg.close();
  await aws.close();
});

/** Returns the machine's services: the function, Athena and CloudWatch. */
function services(publication: TestPublication, metrics: unknown[] = []): Service {
  const handler = publishHandler(() => publication.publisher);
  return async (resource, argument) => {
    switch (resource.replace('arn:aws:states:::', '')) {
      case 'lambda:invoke':
        return { Payload: await handler(invokeInput.parse(argument).Payload) };
      case 'athena:startQueryExecution.sync': {
        const { QueryString } = startInput.parse(argument);
        if (!QueryString.startsWith('SELECT ')) {
          await iceberg.run(QueryString).catch((error: unknown) => {
            const explanation = JSON.stringify({
              QueryExecution: { Status: { StateChangeReason: String(error) } },
            });
            throw new ServiceError('States.TaskFailed', { explanation });
          });
        }
        return { QueryExecution: { QueryExecutionId: 'id' } };
      }
      case 'athena:getQueryResults':
        return {
          ResultSet: { Rows: [{ Data: [] }, { Data: [{ VarCharValue: '0' }, { VarCharValue: '3' }] }] },
        };
      case 'aws-sdk:s3:deleteObject':
        await aws.lake.remove(deleteInput.parse(argument).Key);
        return {};
      case 'aws-sdk:cloudwatch:putMetricData':
        metrics.push(argument);
        return {};
      default:
        throw new Error(`no stand-in for ${resource}`);
    }
  };
}

function execute(service: Service, machine = definition): Promise<{ events: number }> {
  executions += 1;
  const execution = `arn:aws:states:us-east-1:123456789012:execution:machine:${executions}`;
  return runStateMachine(machine, service, { execution, now: () => now });
}

const create = () => createPublication(aws, iceberg, { tables: lakeTables, now: () => now });
const commit = (batch: number, value: number) =>
  writeBatch(
    aws.lake,
    {
      dataset: 'disk_measurements',
      subject: projectNumber(1),
      batch: 1_772_000_000 + batch,
      end: 'committed',
    },
    [{ table: diskTable, rows: [diskRow({ measurement: 'DISK_QUEUE_DEPTH', ts: T + batch, value })] }],
  );
const values = async () =>
  (await iceberg.ask('SELECT value FROM atlas_lake.disk_measurements ORDER BY ALL')).map(
    ({ value }) => value,
  );

describe('an execution', () => {
  test('creates all tables and publishes new rows, and at night reports duplicate and missing rows', async () => {
    await commit(0, 1);
    const metrics: unknown[] = [];
    await execute(services(create(), metrics));
    expect(await values()).toEqual([1]);
    const names = await iceberg.catalog.tables();
    expect([...names.keys()].sort()).toEqual(lakeTables.map(({ name }) => name));
    expect(metrics).toEqual([
      {
        Namespace: 'AtlasLake',
        MetricData: [
          { MetricName: 'DuplicateRows', Value: 0, Unit: 'Count' },
          { MetricName: 'MissingRows', Value: 3, Unit: 'Count' },
        ],
      },
    ]);
    await execute(services(create(), metrics));
    expect(metrics).toHaveLength(1);
  });

  test('lists commits in its first round only, if that round leaves none unread', async () => {
    await commit(0, 1);
    const listings: string[] = [];
    aws.s3.watch(
      ({ path }) => path.includes('prefix=_commits%2Fdisk_measurements%2F0'),
      (when) => when === 'before' && listings.push(when),
    );
    await execute(services(create()));
    expect(await values()).toEqual([1]);
    expect(listings).toHaveLength(1);
  });

  test('that dies at any task loses and duplicates no row, whether or not the task had its effect', async () => {
    let calls = 0;
    await commit(0, 0);
    const counted = services(create());
    await execute(async (resource, argument) => {
      calls += 1;
      return counted(resource, argument);
    });
    // The first execution also creates and maintains each table; a usual one has few tasks.
    const tasks = Math.min(calls, 8);
    for (let dies = 1; dies <= 2 * tasks; dies += 1) {
      await commit(dies, dies);
      let left = Math.ceil(dies / 2);
      const service = services(create());
      const dying: Service = async (resource, argument) => {
        left -= 1;
        if (left > 0) return service(resource, argument);
        if (dies % 2 === 0) await service(resource, argument);
        throw new Error('died');
      };
      await execute(dying).catch(() => {});
      now += 4 * HOUR;
    }
    await execute(services(create()));
    expect(await values()).toEqual(Array.from({ length: 2 * tasks + 1 }, (_, value) => value));
  });

  test('that ends before it can note any outcome has made progress, and the next one does not repeat it', async () => {
    await commit(0, 1);
    const service = services(create());
    const endless: Service = async (resource, argument) => {
      if (JSON.stringify(argument).includes('"settle"')) throw new Error('the time limit');
      return service(resource, argument);
    };
    await expect(execute(endless)).rejects.toThrow('the time limit');
    expect(await values()).toEqual([1]);
    expect(await aws.lake.list('publication/slices/')).toEqual([]);
    now += 4 * HOUR;
    await execute(service);
    expect(iceberg.statements.filter((sql) => sql.startsWith('MERGE'))).toHaveLength(1);
  });

  test('starts no statement when its time is over, notes the outcomes and leaves the rest to the next one', async () => {
    await commit(0, 1);
    const publication = create();
    await execute(services(publication));
    await commit(1, 2);
    await writeBatch(
      aws.lake,
      { dataset: 'alerts', subject: projectNumber(1), batch: 1_772_000_000, end: 'committed' },
      [
        {
          table: alerts,
          rows: [alertRow({ alert_id: 'a', change: 'opened', status: 'OPEN', created: T, ts: T })],
        },
      ],
    );
    const service = services(publication);
    const slow: Service = async (resource, argument) => {
      if (resource.endsWith('.sync')) now += 2 * HOUR;
      return service(resource, argument);
    };
    await execute(slow);
    expect(await aws.lake.list('publication/slices/')).toHaveLength(1);
    expect(publication.failures).toEqual([]);
    await execute(service);
    expect(await aws.lake.list('publication/slices/')).toEqual([]);
    expect(await values()).toEqual([1, 2]);
  });

  test('that cannot remove a slice reports it, and publishes the slice again without a duplicate', async () => {
    await commit(0, 1);
    const publication = create();
    const service = services(publication);
    const failing: Service = async (resource, argument) => {
      if (resource.endsWith(':deleteObject')) throw new ServiceError('S3.S3Exception', { explanation: 'no' });
      return service(resource, argument);
    };
    await expect(execute(failing)).rejects.toThrow(ExecutionFailed);
    expect(publication.failures.map(([, error]) => error)).toContain('S3.S3Exception: no');
    await execute(service);
    expect(await values()).toEqual([1]);
    expect(await aws.lake.list('publication/slices/')).toEqual([]);
  });

  test('repeats a statement that Athena did only in part, each time with a new token', async () => {
    await commit(0, 1);
    const service = services(create());
    const tokens: Array<string | undefined> = [];
    await execute(async (resource, argument) => {
      const query = startInput.safeParse(argument).data;
      if (query?.QueryString.startsWith('VACUUM `atlas_lake`.`alerts`')) {
        tokens.push(query.ClientRequestToken);
        if (tokens.length < 4) {
          const explanation = `{"StateChangeReason":"ICEBERG_VACUUM_MORE_RUNS_NEEDED: more"}`;
          throw new ServiceError('States.TaskFailed', { explanation });
        }
      }
      return service(resource, argument);
    });
    expect(new Set(tokens).size).toBe(4);
  });

  test('with a failed statement publishes the others, fails at its end and names the reason in the log', async () => {
    await commit(0, 1);
    const publication = create();
    const service = services(publication);
    const failing: Service = async (resource, argument) => {
      const { QueryString = '' } = startInput.safeParse(argument).data ?? {};
      if (QueryString.startsWith('CREATE TABLE `atlas_lake`.`alerts`')) {
        const explanation = `{"QueryExecution":{"Query":"${'x'.repeat(5_000)}","Status":{"StateChangeReason":"no space"}}}`;
        throw new ServiceError('States.TaskFailed', { explanation });
      }
      return service(resource, argument);
    };
    await expect(execute(failing)).rejects.toThrow(ExecutionFailed);
    expect(await values()).toEqual([1]);
    expect(publication.failures).toContainEqual([
      'alerts',
      expect.stringContaining('States.TaskFailed: no space'),
    ]);
  });

  test('whose function fails gives the lock back', async () => {
    await commit(0, 1);
    const service = services(create());
    const failing: Service = async (resource, argument) => {
      if (JSON.stringify(argument).includes('"settle"'))
        throw new ServiceError('Error', { explanation: 'no' });
      return service(resource, argument);
    };
    await expect(execute(failing)).rejects.toThrow('Abandoned');
    await execute(services(create()));
    expect(await values()).toEqual([1]);
  });
});

test('the lock of an execution lasts longer than the execution can, and statements end before it', () => {
  expect(LOCK_DURATION).toBeGreaterThan(EXECUTION_SECONDS * SECOND);
  const start = RETRY_QUERIES[0];
  if (!start) throw new Error('no retries');
  const retrying = start.IntervalSeconds * (start.BackoffRate ** start.MaxAttempts - 1);
  /** The longest time of the function. */
  const settling = 15 * 60;
  expect(STARTING_SECONDS + retrying + STATEMENT_SECONDS + settling).toBeLessThan(EXECUTION_SECONDS);
});

describe('the limits of Step Functions and Athena', () => {
  /** Returns the events of an execution whose rounds have these statements. */
  async function eventsOf(rounds: number, tables: number, statements: number): Promise<number> {
    const groups = Array.from({ length: tables }, () =>
      Array.from({ length: statements }, () => ({
        purpose: { kind: 'merge', table: 't', slice: 's' },
        sql: 'MERGE',
        sliceFile: 'objects.txt',
        token: 'x'.repeat(64),
      })),
    );
    let prepared = 0;
    const { events } = await execute(async (resource, argument) => {
      if (!resource.endsWith('lambda:invoke')) return {};
      if (JSON.stringify(argument).includes('"settle"')) {
        return { Payload: { continues: prepared < rounds, failures: 0 } };
      }
      prepared += 1;
      return { Payload: { state: 'work', groups, isMaintenance: false, hasUnread: true } };
    });
    return events + rounds * tables * statements * RETRY_EVENTS;
  }

  test('an execution of all rounds, each with the most statements, all refused at first, has less than half of the events', async () => {
    // All slices in one table, or one in each.
    expect(await eventsOf(MAX_ROUNDS, 1, MERGES_AT_ONCE)).toBeLessThan(MAX_EVENTS / 2);
    expect(await eventsOf(MAX_ROUNDS, MERGES_AT_ONCE, 1)).toBeLessThan(MAX_EVENTS / 2);
  });

  test('a normal hour has one statement for each table', async () => {
    expect(lakeTables.length).toBeLessThanOrEqual(MERGES_AT_ONCE);
    expect(await eventsOf(1, lakeTables.length, 1)).toBeLessThan(MAX_EVENTS / 20);
  });

  test('a first publication of three years takes a few executions', () => {
    /** Objects of the reference project for each table and day. */
    const perDay = 72;
    const days = Array.from({ length: 3 * 365 }, (_, number) =>
      new Date(T - number * DAY).toISOString().slice(0, 10),
    );
    let statements = 0;
    for (const table of lakeTables) {
      const objects = days.flatMap((day) =>
        Array.from({ length: perDay }, (_, number) => ({
          ...{ key: `${table.name}/dt=${day}/${number}`, table: table.name, day },
          ...{ bytes: 20_000, committedAt: 0 },
        })),
      );
      const slices = sliced(objects, table);
      expect(slices.flatMap(({ objects: its }) => its)).toHaveLength(objects.length);
      for (const { objects: its } of slices) {
        const name = '00-1772000000-0123456789abcdef0123456789abcdef';
        const sql = mergeSlice(table, { name, days: [...new Set(its.map(({ day }) => day))] }, NAMES);
        expect(Buffer.byteLength(sql)).toBeLessThan(MAX_STATEMENT / 2);
      }
      statements += slices.length;
    }
    expect(statements).toBeLessThan(3 * MAX_ROUNDS * MERGES_AT_ONCE);
  });
});
