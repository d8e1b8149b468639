import { randomUUID } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { EXTERNAL_AWS } from '../../support/external-aws.ts';
import { startLocalSqs } from '../../support/local-sqs.ts';
import { createFifoQueue } from '../../support/sqs-work-queue.ts';
import { AWS } from '../local-aws/support.ts';

/** Creates a queue in SQS: in one of its own, which ends with the test, or in that of `npm run test:aws`. */
export async function startQueue(): Promise<{ sqs: SQSClient; queueUrl: string }> {
  const sqs = new SQSClient({ ...AWS, endpoint: EXTERNAL_AWS?.sqs ?? (await startSqs()), maxAttempts: 1 });
  onTestFinished(() => sqs.destroy());
  return { sqs, queueUrl: await createFifoQueue(sqs, randomUUID()) };
}

async function startSqs(): Promise<string> {
  const server = await startLocalSqs();
  onTestFinished(() => server.close());
  return server.endpoint;
}
