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

/** Projects collected at a time for each dataset. FIFO message groups keep the messages of a project in order. */
const CONCURRENCY = 4;

/** Long polling time of an empty queue, before checking whether it has hidden messages. */
const POLL_SECONDS = 1;

export interface EventSource {
  sqs: SQSClient;
  queueUrl: string;
  handler: DatasetHandler;
  /** Tells whether the handler crashed. If so, no more messages are received. */
  crashed(): boolean;
}

/** Passes messages from a queue to its function until the queue is empty, like Lambda's event source mapping. */
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
        // A hidden message that is not processed here was deferred, and becomes visible again.
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

/** Returns the number of messages that are waiting, hidden or being processed. */
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
