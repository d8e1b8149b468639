import { expect, test } from 'vitest';
import { isProjectId, type Subject } from '../../../shared/ids.ts';
import { SqsWorkQueue } from '../../support/sqs-work-queue.ts';
import { T } from '../../support/times.ts';
import { startQueue } from './support.ts';

function subjectOf(index: number): Subject {
  const id = index.toString(16).padStart(24, '0');
  if (!isProjectId(id)) throw new Error('not an id');
  return { kind: 'project', id };
}

test('a request that fails stops no other message of a tick, and a repeated tick sends only what is missing', async () => {
  const { sqs, queueUrl } = await startQueue();
  const queue = new SqsWorkQueue(sqs, queueUrl);
  let failing = true;
  sqs.middlewareStack.add(
    (next) => (args) => {
      if (!failing || !('Entries' in args.input)) return next(args);
      failing = false;
      throw new Error('SQS is down');
    },
    { step: 'initialize' },
  );
  const runs = Array.from({ length: 25 }, (_, index) => ({ subject: subjectOf(index), credential: null }));
  const send = () => queue.sendTick({ dataset: 'alerts', tick: T }, runs);
  await expect(send()).rejects.toThrow('1 of 3 requests to SQS failed for alerts');
  expect(await queue.size()).toBe(15);
  await send();
  expect(await queue.size()).toBe(25);
});
