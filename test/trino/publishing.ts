import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import * as z from 'zod';
import { GlueCatalog } from '../../functions/publish/glue-catalog.ts';
import { publishHandler } from '../../functions/publish/handler.ts';
import { Publisher } from '../../functions/publish/publisher.ts';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { PublicationLock } from '../../shared/cursors/publication-lock.ts';
import { CommitLog } from '../../shared/lake/commit-log.ts';
import { PublicationBucket } from '../../shared/lake/publication-bucket.ts';
import type { Table } from '../../shared/lake/table.ts';
import { PositionStore } from '../../shared/publication/positions.ts';
import { SliceStore } from '../../shared/publication/slice-store.ts';
import { UnrecordedObjects } from '../../shared/publication/unrecorded-objects.ts';
import { EXTERNAL_CREDENTIALS } from '../support/external-aws.ts';
import { runStateMachine, type Service } from '../support/state-machine.ts';
import { startTestAws } from '../support/test-aws.ts';
import { type Lakehouse, servers } from './lakehouse.ts';

/** The deployed publication of a lakehouse: its function and its state machine. */
export interface Publishing {
  objects: PublicationBucket;
  lock: PublicationLock;
  failures: Array<[what: string, error: unknown]>;
  restarts: string[];
  /** The services of the machine, for executions that a test disturbs. */
  service: Service;
  /** Runs the machine of the template once. @throws {Error} with the reasons of what failed */
  execute(service?: Service): Promise<void>;
  /** Moves the function's clock. */
  wait(milliseconds: number): void;
  close(): Promise<void>;
}

const deleteInput = z.object({ Bucket: z.string(), Key: z.string() });
const invokeInput = z.object({ Payload: z.unknown() });

let executions = 0;

/**
 * Connects the publication's function with a lakehouse. DynamoDB is the local stand-in: only the lock and old headers are in
 * it.
 */
export async function startPublishing(house: Lakehouse, tables: readonly Table[]): Promise<Publishing> {
  const aws = await startTestAws();
  const dynamodb = new DynamoDBClient({
    region: 'us-east-1',
    endpoint: aws.dynamodb.endpoint,
    credentials: aws.credentials,
  });
  const glue = new GlueClient({
    region: 'us-east-1',
    endpoint: servers().aws,
    credentials: EXTERNAL_CREDENTIALS,
  });
  const objects = new PublicationBucket(house.s3, house.bucket);
  const failures: Publishing['failures'] = [];
  const restarts: string[] = [];
  let ids = 0;
  // Before the hour of the maintenance, so that a test decides when it comes.
  let now = new Date().setUTCHours(1, 0, 0, 0);
  const lock = new PublicationLock(dynamodb, 'cursors');
  const publisher = new Publisher({
    tables,
    names: { database: house.database, slices: `${house.database}_slices`, bucket: house.bucket },
    expireAfterDays: {},
    objects,
    log: new CommitLog(objects),
    slices: new SliceStore(objects, house.bucket),
    positions: new PositionStore(objects),
    unrecorded: new UnrecordedObjects(objects, new CursorStore(dynamodb, 'cursors')),
    lock,
    catalog: new GlueCatalog(glue, house.database, house.bucket),
    now: () => now,
    newId() {
      ids += 1;
      return `id${ids}`;
    },
    onProgress: () => {},
    onBusy: () => {},
    onExpired: (table, keys) => failures.push([table, keys]),
    onRestart: (table) => restarts.push(table),
    onFailure: (what, error) => failures.push([what, error]),
  });
  const handler = publishHandler(() => publisher);
  const service: Service = async (resource, argument) => {
    if (resource.endsWith(':lambda:invoke')) {
      return { Payload: await handler(invokeInput.parse(argument).Payload) };
    }
    if (resource.endsWith(':putMetricData')) return {};
    if (resource.endsWith(':s3:deleteObject')) {
      await objects.remove(deleteInput.parse(argument).Key);
      return {};
    }
    return house.athena.service(resource, argument);
  };
  const [machine] = house.stacks.analysis.ofType('AWS::StepFunctions::StateMachine');
  const definition: unknown = JSON.parse(
    z
      .string()
      .parse(house.deployment.resolve(house.stacks.analysis, machine?.Properties['DefinitionString'])),
  );
  return {
    objects,
    lock,
    failures,
    restarts,
    service,
    async execute(its = service) {
      executions += 1;
      const execution = `arn:aws:states:us-east-1:123456789012:execution:publication:${executions}`;
      const before = failures.length;
      try {
        await runStateMachine(definition, its, { execution, now: () => now });
      } catch (error) {
        const reasons = failures.slice(before).map(([what, reason]) => `${what}: ${String(reason)}`);
        throw new Error(['the execution failed', ...reasons].join('\n'), { cause: error });
      }
    },
    wait(milliseconds) {
      now += milliseconds;
    },
    async close() {
      dynamodb.destroy();
      glue.destroy();
      await aws.close();
    },
  };
}
