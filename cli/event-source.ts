import type { SQSRecord } from 'aws-lambda';
import type { DatasetHandler } from '../shared/worker/dataset-handler.ts';
import { DATASET_TIMEOUT_SECONDS } from '../shared/worker/limits.ts';
import type { RunQueue } from '../shared/worker/run-queue.ts';

/** Projects collected at a time for each dataset. FIFO message groups keep the messages of a project in order. */
const CONCURRENCY = 4;

/** Long polling time of an empty queue, before checking whether it has hidden messages. */
const POLL_SECONDS = 1;

/** A message that its receiver removes or defers. */
export interface ReceivedMessage {
  id: string;
  receiptHandle: string;
  body: string;
}

/** The queue of a dataset, with what an event source does to it. */
export interface WorkQueue extends RunQueue {
  /** Returns a message and hides it, or undefined if there is none after some seconds. */
  receive(waitSeconds: number): Promise<ReceivedMessage | undefined>;
  remove(receiptHandle: string): Promise<void>;
  /** Returns the number of messages that are waiting, hidden or being processed. */
  size(): Promise<number>;
}

export interface EventSource {
  queue: WorkQueue;
  handler: DatasetHandler;
  /** Tells whether the handler crashed. If so, no more messages are received. */
  crashed(): boolean;
}

/** Passes messages from a queue to its function until the queue is empty, like Lambda's event source mapping. */
export async function drain({ queue, handler, crashed }: EventSource): Promise<void> {
  let active = 0;

  const work = async (): Promise<void> => {
    let wait = 0;
    while (!crashed()) {
      const message = await queue.receive(wait);
      if (!message) {
        // A hidden message that is not processed here was deferred, and becomes visible again.
        if ((await queue.size()) <= active) return;
        wait = POLL_SECONDS;
        continue;
      }
      active += 1;
      const deadline = performance.now() + DATASET_TIMEOUT_SECONDS * 1000;
      const { batchItemFailures } = await handler(
        { Records: [recordOf(message)] },
        { getRemainingTimeInMillis: () => deadline - performance.now() },
      );
      if (batchItemFailures.length === 0) await queue.remove(message.receiptHandle);
      active -= 1;
    }
  };

  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

function recordOf({ id, receiptHandle, body }: ReceivedMessage): SQSRecord {
  return {
    messageId: id,
    receiptHandle,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:local.fifo',
    awsRegion: 'us-east-1',
  };
}
