import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { startLocalDynamoDb } from './dynamodb.ts';
import { randomCredentials, startLocalS3 } from './s3/server.ts';
import type { LocalService } from './service.ts';

/** The AWS stand-ins for the command line and the tests. */
export interface LocalAwsServices {
  /**
   * Environment variables that direct the AWS SDK to the stand-ins. S3 has no host name for each bucket here, so its
   * clients need `forcePathStyle`.
   */
  readonly environment: LocalAwsEnvironment;
  close(): Promise<void>;
}

export type LocalAwsEnvironment = Readonly<
  Record<keyof typeof ISOLATION | CredentialVariable | EndpointVariable, string>
>;

type CredentialVariable = 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY';
type EndpointVariable = 'AWS_ENDPOINT_URL_S3' | 'AWS_ENDPOINT_URL_DYNAMODB';

/** Overrides the user's environment, to ignore the user's own AWS credentials and settings. */
const ISOLATION = {
  AWS_REGION: 'us-east-1',
  AWS_SESSION_TOKEN: '',
  // A profile would take precedence over the keys, and this switch would send requests to AWS itself.
  AWS_PROFILE: '',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
};

/**
 * Starts S3 and DynamoDB for the lake in `folder`, with random credentials that S3 requires. Objects are
 * plain files below `<folder>/<bucket>/`, and the cursors' database is beside them. Uses the user's
 * AWS_ENDPOINT_URL_DYNAMODB instead of a DynamoDB of its own, if set.
 *
 * The caller must hold the folder: two sets of stand-ins must not share one.
 *
 * @throws {NoLocalDynamoDbError} when there is no DynamoDB for this platform and no AWS_ENDPOINT_URL_DYNAMODB
 */
export async function startLocalAwsServices(lake: {
  folder: string;
  bucket?: string;
}): Promise<LocalAwsServices> {
  const cursors = path.join(lake.folder, '.cursors');
  await mkdir(path.join(lake.folder, lake.bucket ?? 'lake'), { recursive: true });
  await mkdir(cursors, { recursive: true });

  const credentials = randomCredentials();
  const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const starting = [
    startLocalS3(lake.folder, credentials),
    given ? external(given) : startLocalDynamoDb(path.join(cursors, 'dynamodb.db')),
  ] as const;
  try {
    const [s3, dynamoDb] = await Promise.all(starting);
    return {
      environment: {
        ...ISOLATION,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL_S3: s3.endpoint,
        AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
      },
      close: () => closeAll([s3, dynamoDb]),
    };
  } catch (error) {
    // The services that did start must not keep running.
    await Promise.allSettled(starting.map(async (service) => (await service).close()));
    throw error;
  }
}

async function external(endpoint: string): Promise<LocalService> {
  return { endpoint, close: async () => {} };
}

/** Closes all services, and then throws the first error. */
async function closeAll(services: readonly LocalService[]): Promise<void> {
  const outcomes = await Promise.allSettled(services.map((service) => service.close()));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}
