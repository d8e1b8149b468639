import { SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { startLocalSqs } from '../../support/local-sqs.ts';
import { createFifoQueue } from '../../support/sqs-work-queue.ts';
import { AWS } from '../local-aws/support.ts';

/** Starts SQS with one queue until the test ends. */
export async function startQueue(): Promise<{ sqs: SQSClient; queueUrl: string }> {
  const server = await startLocalSqs();
  onTestFinished(() => server.close());
  const sqs = new SQSClient({ ...AWS, endpoint: server.endpoint, maxAttempts: 1 });
  onTestFinished(() => sqs.destroy());
  return { sqs, queueUrl: await createFifoQueue(sqs, 'work') };
}
