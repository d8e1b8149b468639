import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { WorkQueue } from '../../cli/event-source.ts';
import { connectLocalAws, type LocalAws } from '../../cli/local-aws.ts';
import type { LocalAwsServices } from '../../local-aws/aws.ts';
import { mirrorBucket } from './lake-files.ts';
import { createFifoQueue, SqsWorkQueue } from './sqs-work-queue.ts';

/** Endpoints of stand-ins that replace the local ones. `npm run test:aws` sets them. */
export interface ExternalAws {
  dynamodb: string;
  s3: string;
  sqs: string;
}

/** The endpoints from the environment. Null if it has none. */
export const EXTERNAL_AWS = externalAws(process.env);

function externalAws(environment: NodeJS.ProcessEnv): ExternalAws | null {
  const dynamodb = environment['ATLAS_LAKE_TEST_DYNAMODB'];
  const s3 = environment['ATLAS_LAKE_TEST_S3'];
  const sqs = environment['ATLAS_LAKE_TEST_SQS'];
  return dynamodb && s3 && sqs ? { dynamodb, s3, sqs } : null;
}

export const EXTERNAL_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** One test's share of an AWS that all tests use. */
export interface AwsShare {
  names: { bucket: string; table: string };
  aws: LocalAwsServices;
  connect(): Promise<LocalAws>;
  /** Creates a new queue in SQS. */
  createQueue(dataset: string): Promise<WorkQueue>;
}

/** Creates a share: a bucket, which the folder mirrors, and a name for a table. */
export async function shareOf(external: ExternalAws, folder: string): Promise<AwsShare> {
  const id = randomUUID();
  const names = { bucket: `lake-${id}`, table: `cursors-${id}` };
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: external.s3,
    credentials: EXTERNAL_CREDENTIALS,
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: names.bucket }));
  mirrorBucket(folder, mirrorOf(s3, names.bucket, folder));
  const aws: LocalAwsServices = {
    environment: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: EXTERNAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: EXTERNAL_CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      AWS_ENDPOINT_URL_DYNAMODB: external.dynamodb,
      AWS_ENDPOINT_URL_S3: external.s3,
    },
    close: async () => {},
  };
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: external.sqs,
    credentials: EXTERNAL_CREDENTIALS,
  });
  return {
    names,
    aws,
    connect: () => connectLocalAws(aws, names),
    // A queue name has at most 80 characters.
    createQueue: async (dataset) =>
      new SqsWorkQueue(sqs, await createFifoQueue(sqs, `${randomUUID().slice(0, 18)}-${dataset}`)),
  };
}

/** Returns a function that updates a folder from a bucket: it downloads changed objects and deletes missing ones. */
function mirrorOf(s3: S3Client, bucket: string, folder: string): () => Promise<void> {
  const known = new Map<string, string>();
  return async () => {
    await mkdir(folder, { recursive: true });
    const found = new Map<string, string>();
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
      for (const { Key = '', ETag = '' } of Contents) found.set(Key, ETag);
    }
    for (const [key, tag] of found) {
      if (known.get(key) === tag) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const file = path.join(folder, key);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, (await Body?.transformToByteArray()) ?? '');
    }
    for (const key of known.keys()) if (!found.has(key)) await rm(path.join(folder, key));
    known.clear();
    for (const [key, tag] of found) known.set(key, tag);
  };
}
