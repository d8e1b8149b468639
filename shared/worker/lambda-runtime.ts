import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { CursorStore } from '../cursors/cursor-store.ts';
import { ObjectStore } from '../lake/object-store.ts';
import { AWS_CLIENT_DEFAULTS } from './aws-clients.ts';
import { awsTools } from './aws-tools.ts';
import { readStoreEnvironment } from './environment.ts';
import type { Runtime } from './runtime.ts';

let shared: Runtime | undefined;

/**
 * Returns the dependencies of a dataset's function in AWS. They are created once and kept for the life of the
 * container.
 */
export async function lambdaRuntime(dataset: string): Promise<Runtime> {
  shared ??= create(dataset);
  return shared;
}

function create(dataset: string): Runtime {
  const environment = readStoreEnvironment(process.env);
  const { metrics, ...tools } = awsTools(dataset, environment);
  return {
    ...tools,
    cursors: new CursorStore(new DynamoDBClient(AWS_CLIENT_DEFAULTS), environment.cursorTable),
    lake: new ObjectStore(new S3Client(AWS_CLIENT_DEFAULTS), environment.bucket),
    newId: randomUUID,
    breakLease: false,
    skipRedundant: true,
    onRedundant: (name, subject) => metrics.redundant(name, subject),
    onProgress: () => {},
    onFinished: (run, credential) => metrics.finished(run, credential),
    onCrashed(name, error) {
      tools.log.error('the run crashed', { dataset: name, error });
      metrics.crashed(name);
    },
  };
}
