import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { DatasetHandler } from '../shared/worker/dataset-handler.ts';
import { DATASET_TIMEOUT_SECONDS } from '../shared/worker/limits.ts';

/** Projects that are collected at a time, for each dataset: FIFO message groups keep those of one project in order. */
const CONCURRENCY = 4;

/** Long polling: how long an empty queue is listened to before it is asked whether something is hidden in it. */
const POLL_SECONDS = 1;

export interface EventSource {
  sqs: SQSClient;
  queueUrl: string;
  handler: DatasetHandler;
  /** Whether the handler has crashed: nothing more is taken from the queue then. */
  crashed(): boolean;
}

/** Lambda's event source mapping on one machine: feeds a queue to its function until the queue is empty. */
export async function drain(source: EventSource): Promise<void> {
  const { sqs, queueUrl, handler } = source;
  let active = 0;

  const work = async (): Promise<void> => {
    let wait = 0;
    while (!source.crashed()) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: wait }),
      );
      const [message] = Messages;
      if (!message) {
        // What is hidden and not in work here was deferred, and comes back.
        if ((await messagesIn(source)) <= active) return;
        wait = POLL_SECONDS;
        continue;
      }
      active += 1;
      const deadline = performance.now() + DATASET_TIMEOUT_SECONDS * 1000;
      const { batchItemFailures } = await handler(
        { Records: [recordOf(message)] },
        { getRemainingTimeInMillis: () => deadline - performance.now() },
      );
      if (batchItemFailures.length === 0) {
        await sqs.send(
          new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }),
        );
      }
      active -= 1;
    }
  };

  await Promise.all(Array.from({ length: CONCURRENCY }, work));
}

/** Messages that wait, are hidden for now, or are being worked on. */
async function messagesIn({ sqs, queueUrl }: EventSource): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  const waiting = Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
  return waiting + Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'] ?? 0);
}

function recordOf(message: Message): SQSRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:local.fifo',
    awsRegion: 'us-east-1',
  };
}
