import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { startEmbeddedDynamoDb } from './dynamodb.ts';
import { randomCredentials, startEmbeddedS3 } from './s3/server.ts';
import type { EmbeddedService } from './service.ts';
import { startEmbeddedSqs } from './sqs.ts';

/** The stand-ins for AWS that the command line and the tests run on. */
export interface EmbeddedAws {
  /**
   * What makes the AWS SDK use the stand-ins, by the SDK's own variables. S3 has no name for each bucket here:
   * its clients need `forcePathStyle`.
   */
  readonly environment: EmbeddedEnvironment;
  close(): Promise<void>;
}

export type EmbeddedEnvironment = Readonly<
  Record<keyof typeof ISOLATION | CredentialVariable | EndpointVariable, string>
>;

type CredentialVariable = 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY';
type EndpointVariable = 'AWS_ENDPOINT_URL_S3' | 'AWS_ENDPOINT_URL_DYNAMODB' | 'AWS_ENDPOINT_URL_SQS';

/** Laid over the user's environment, these keep the user's own AWS credentials and settings out. */
const ISOLATION = {
  AWS_REGION: 'us-east-1',
  AWS_SESSION_TOKEN: '',
  // A profile would go before the keys, and this switch would send requests to AWS itself.
  AWS_PROFILE: '',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
};

/**
 * Starts S3, DynamoDB and SQS for the lake in `folder`, with random credentials that S3 and SQS ask for: objects are plain files below `<folder>/<bucket>/`, and
 * the cursors' database is beside it. Where the user has set AWS_ENDPOINT_URL_DYNAMODB, that one is used.
 *
 * The folder must be held by the caller: two sets of stand-ins must not share one.
 * @throws {NoEmbeddedDynamoDbError} when there is no DynamoDB for this platform and none was named.
 */
export async function startEmbeddedAws(lake: { folder: string; bucket?: string }): Promise<EmbeddedAws> {
  const cursors = path.join(lake.folder, '.cursors');
  await mkdir(path.join(lake.folder, lake.bucket ?? 'lake'), { recursive: true });
  await mkdir(cursors, { recursive: true });

  const credentials = randomCredentials();
  const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const starting = [
    startEmbeddedS3(lake.folder, credentials),
    given ? external(given) : startEmbeddedDynamoDb(path.join(cursors, 'dynamodb.db')),
    startEmbeddedSqs(credentials.accessKeyId),
  ] as const;
  try {
    const [s3, dynamoDb, sqs] = await Promise.all(starting);
    return {
      environment: {
        ...ISOLATION,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
        AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      },
      close: () => closeAll([s3, dynamoDb, sqs]),
    };
  } catch (error) {
    // Those that did start must not outlive the attempt.
    await Promise.allSettled(starting.map(async (service) => (await service).close()));
    throw error;
  }
}

async function external(endpoint: string): Promise<EmbeddedService> {
  return { endpoint, close: async () => {} };
}

/** Closes all of them, and only then says what went wrong. */
async function closeAll(services: readonly EmbeddedService[]): Promise<void> {
  const outcomes = await Promise.allSettled(services.map((service) => service.close()));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
