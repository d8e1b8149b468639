import { rm } from 'node:fs/promises';
import path from 'node:path';
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { drain } from '../../cli/event-source.ts';
import { datasets } from '../../functions/datasets.ts';
import { type LocalAwsServices, startLocalAwsServices } from '../../local-aws/aws.ts';
import { startLocalSqs } from '../support/local-sqs.ts';
import { type SecretsServer, startSecretsServer } from '../support/secrets-server.ts';
import { SqsWorkQueue } from '../support/sqs-work-queue.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { type FunctionProcess, startFunction } from '../support/worker/function-process.ts';
import { type Assembly, synthesizeAssembly } from './assembly.ts';
import { dispatchOf, partsOf } from './collector-parts.ts';
import { RecordedCalls } from './recorded-calls.ts';
import { ALL_ENABLED, environmentOf, type ParsedTemplate, type Resource } from './templates.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:atlas';
const TABLE = 'cursors';
const BUCKET = 'lake';
/** Returns the credentials that the stand-ins accept. */
function credentialsOf({ environment }: LocalAwsServices): { accessKeyId: string; secretAccessKey: string } {
  return {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
  };
}

/**
 * The collector as deployed: the bundles of the cloud assembly run in AWS's runtime interface client, with the
 * variables, queues, table and events of the templates, against the stand-ins for AWS.
 */
export interface DeployedCollector {
  template: ParsedTemplate;
  /** The secret in Secrets Manager. */
  secret: SecretsServer;
  /** The folder of the lake's objects. */
  bucket: string;
  /** The functions' requests to AWS. */
  calls: RecordedCalls;
  dispatch: FunctionProcess;
  /** Starts another process of a function, without state in memory. */
  start(resource: Resource): Promise<FunctionProcess>;
  /** Returns the event that EventBridge Scheduler sends at the tick. */
  tickOf(dataset: string): unknown;
  /** Runs a dataset's function for the messages in its queue, like its event source. */
  work(dataset: string): Promise<void>;
  /** Returns the peak memory of a dataset's function, bytes. */
  peakMemory(dataset: string): Promise<number>;
  close(): Promise<void>;
}

export async function deployCollector(options: { atlas: string; now: number }): Promise<DeployedCollector> {
  const cleanUp: Array<() => unknown> = [];
  const assembly = await synthesizeAssembly(ALL_ENABLED);
  cleanUp.push(() => assembly.remove());
  const template = assembly.collector;
  const secret = await startSecretsServer(SECRET, '{}');
  cleanUp.push(() => secret.close());
  const folder = await makeTemporaryFolder();
  cleanUp.push(() => rm(folder, { recursive: true }));
  const standIns = await startLocalAwsServices({ folder, bucket: BUCKET });
  cleanUp.push(() => standIns.close());
  await createTable(assembly, standIns);
  const sqsServer = await startLocalSqs();
  cleanUp.push(() => sqsServer.close());
  const sqs = new SQSClient({
    region: 'us-east-1',
    credentials: credentialsOf(standIns),
    endpoint: sqsServer.endpoint,
  });
  cleanUp.push(() => sqs.destroy());
  const queues = await createQueues(template, sqs);
  const calls = new RecordedCalls();
  cleanUp.push(() => calls.close());
  const { environment } = standIns;
  const queueEndpoint = await calls.through(sqsServer.endpoint);
  const given = {
    AWS_ENDPOINT_URL_S3: await calls.through(environment.AWS_ENDPOINT_URL_S3),
    AWS_ENDPOINT_URL_DYNAMODB: await calls.through(environment.AWS_ENDPOINT_URL_DYNAMODB),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: await calls.through(secret.endpoint),
    AWS_ENDPOINT_URL_SQS: queueEndpoint,
    MONGODB_ATLAS_BASE_URL: options.atlas,
    // Variables that Lambda sets for every function.
    PATH: process.env['PATH'] ?? '',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: environment.AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: environment.AWS_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN: 'test',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
  };
  // The SDK sends requests to a queue's URL, so the URL must lead through the proxy.
  const addresses = new Map(
    [...queues].map(([name, url]) => [name, `${queueEndpoint}${new URL(url).pathname}`] as const),
  );

  const start = async (resource: Resource): Promise<FunctionProcess> => {
    const { Handler, Timeout } = functionShape.parse(resource.Properties);
    const started = await startFunction({
      folder: assembly.codeOf(resource),
      handler: Handler,
      timeoutSeconds: Timeout,
      clockOffset: options.now - Date.now(),
      environment: { ...environmentFor(resource, addresses), ...given },
    });
    cleanUp.push(() => started.stop());
    return started;
  };

  const dispatch = await start(dispatchOf(template));
  const functions = new Map<string, FunctionProcess>();
  for (const { name } of datasets) functions.set(name, await start(partsOf(template, name).function));
  return {
    template,
    secret,
    bucket: path.join(folder, BUCKET),
    calls,
    dispatch,
    start,
    tickOf: (dataset) => tickOf(template, dataset, options.now),
    async work(dataset) {
      const lambda = functions.get(dataset);
      const queueUrl = queues.get(dataset);
      if (!lambda || !queueUrl) throw new Error(`no function for ${dataset}`);
      const handler = async (event: unknown) => batchAnswer.parse(await lambda.invoke(event));
      await drain({ queue: new SqsWorkQueue(sqs, queueUrl), handler, crashed: () => false });
    },
    async peakMemory(dataset) {
      const lambda = functions.get(dataset);
      if (!lambda) throw new Error(`no function for ${dataset}`);
      return lambda.peakMemory();
    },
    async close() {
      for (const clean of cleanUp.reverse()) await clean();
    },
  };
}

const functionShape = z.object({ Handler: z.string(), Timeout: z.number() });

const batchAnswer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

const tableShape = z
  .custom<Omit<CreateTableCommandInput, 'TableName'>>()
  .transform(({ KeySchema, AttributeDefinitions, BillingMode }) => ({
    KeySchema,
    AttributeDefinitions,
    BillingMode,
  }));

async function createTable({ store }: Assembly, standIns: LocalAwsServices): Promise<void> {
  const endpoint = standIns.environment.AWS_ENDPOINT_URL_DYNAMODB;
  const dynamodb = new DynamoDBClient({
    region: 'us-east-1',
    credentials: credentialsOf(standIns),
    endpoint,
  });
  const [table] = store.ofType('AWS::DynamoDB::Table');
  await dynamodb.send(new CreateTableCommand({ ...tableShape.parse(table?.Properties), TableName: TABLE }));
  dynamodb.destroy();
}

const queueShape = z.object({
  VisibilityTimeout: z.number().transform(String),
  MessageRetentionPeriod: z.number().transform(String),
});

/** Creates the queues of the template. Returns their URLs by dataset. */
async function createQueues(template: ParsedTemplate, sqs: SQSClient): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  for (const { name } of datasets) {
    const attributes = queueShape.parse(partsOf(template, name).queue.Properties);
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({
        QueueName: `${name}.fifo`,
        Attributes: { FifoQueue: 'true', ...attributes },
      }),
    );
    urls.set(name, z.string().parse(QueueUrl));
  }
  return urls;
}

/** Replacements for the names that CloudFormation fills in. */
const NAMES: ReadonlyArray<[RegExp, string]> = [
  [/^import-of-\S+Lake\w+$/, BUCKET],
  [/^import-of-\S+Cursors\w+$/, TABLE],
  [/^import-of-\S+AtlasCredentials\w+$/, SECRET],
];

const queuesInConfig = z.looseObject({ queues: z.record(z.string(), z.string()) });

/** Returns the environment variables that the stack sets for a function. */
function environmentFor(resource: Resource, addresses: ReadonlyMap<string, string>): Record<string, string> {
  const variables = Object.entries(environmentOf(resource)).map(([name, value]) => {
    const real = NAMES.find(([pattern]) => pattern.test(value))?.[1];
    return [name, real ?? value] as const;
  });
  const environment = Object.fromEntries(variables);
  const config = queuesInConfig.parse(JSON.parse(String(environment['COLLECTOR_CONFIG'])));
  const queues = Object.fromEntries(Object.keys(config.queues).map((name) => [name, addresses.get(name)]));
  return { ...environment, COLLECTOR_CONFIG: JSON.stringify({ ...config, queues }) };
}

function tickOf(template: ParsedTemplate, dataset: string, now: number): unknown {
  const [input] = template.ofType('AWS::Scheduler::Schedule').flatMap(({ Properties }) => {
    const { Input } = z.object({ Input: z.string() }).parse(Properties['Target']);
    return JSON.parse(Input).dataset === dataset ? [Input] : [];
  });
  const at = new Date(now).toISOString().replace('.000Z', 'Z');
  return JSON.parse(String(input).replace('<aws.scheduler.scheduled-time>', at));
}
