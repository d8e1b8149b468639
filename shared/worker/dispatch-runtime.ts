import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SubjectRegistry } from '../cursors/subject-registry.ts';
import { ObjectStore } from '../lake/object-store.ts';
import { AWS_CLIENT_DEFAULTS } from './aws-clients.ts';
import { awsTools } from './aws-tools.ts';
import { readStoreEnvironment } from './environment.ts';
import type { DispatchRuntime } from './runtime.ts';

let shared: DispatchRuntime | undefined;

/**
 * Returns the dependencies of `dispatch` in AWS. They are created once and kept for the life of the
 * container.
 */
export async function dispatchRuntime(): Promise<DispatchRuntime> {
  shared ??= create();
  return shared;
}

function create(): DispatchRuntime {
  const environment = readStoreEnvironment(process.env);
  const { metrics, ...tools } = awsTools('dispatch', environment);
  return {
    ...tools,
    lake: new ObjectStore(new S3Client(AWS_CLIENT_DEFAULTS), environment.bucket),
    subjects: new SubjectRegistry(new DynamoDBClient(AWS_CLIENT_DEFAULTS), environment.cursorTable),
    onRefused: (dataset, credential) => metrics.refused(dataset, credential),
    onSent: (dataset, messages) => metrics.dispatched(dataset, messages),
    onUnlistable: (dataset) => metrics.unlistable(dataset),
    onUnlisted: (dataset, count) => metrics.unlisted(dataset, count),
    onUnreadable: (dataset, items) => metrics.unreadable(dataset, items),
  };
}
