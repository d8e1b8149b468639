import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalSqs } from '../../../local-aws/sqs.ts';
import { isProjectId, type Subject } from '../../../shared/ids.ts';
import { RunQueue } from '../../../shared/worker/run-queue.ts';
import { T } from '../../support/times.ts';
import { AWS } from '../local-aws/support.ts';

function subjectOf(index: number): Subject {
  const id = index.toString(16).padStart(24, '0');
  if (!isProjectId(id)) throw new Error('not an id');
  return { kind: 'project', id };
}

test('a request that fails stops no other message of a tick, and a repeated tick sends only what is missing', async () => {
  const server = await startLocalSqs();
  onTestFinished(() => server.close());
  const sqs = new SQSClient({ ...AWS, endpoint: server.endpoint, maxAttempts: 1 });
  onTestFinished(() => sqs.destroy());
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } }),
  );
  const messages = async () => {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    return Number(Attributes?.['ApproximateNumberOfMessages']);
  };
  let failing = true;
  sqs.middlewareStack.add(
    (next) => (args) => {
      if (!failing || !('Entries' in args.input)) return next(args);
      failing = false;
      throw new Error('SQS is down');
    },
    { step: 'initialize' },
  );
  const queue = new RunQueue(sqs, QueueUrl);
  const runs = Array.from({ length: 25 }, (_, index) => ({ subject: subjectOf(index), credential: null }));
  const send = () => queue.sendTick({ dataset: 'alerts', tick: T }, runs);
  await expect(send()).rejects.toThrow('1 of 3 requests to SQS failed for alerts');
  expect(await messages()).toBe(15);
  await send();
  expect(await messages()).toBe(25);
});
