import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import type { RunMessage } from './message.ts';
import { continuationEntry, type QueueEntry, type RunQueue, type TickRun, tickEntry } from './run-queue.ts';

/** SQS accepts at most this many messages in one request. */
export const MESSAGES_PER_REQUEST = 10;

/**
 * Requests of one tick at a time. SQS accepts 300 a second for a FIFO queue, and answers in 10 to 20 ms, so this stays
 * below the limit.
 */
const CONCURRENT_REQUESTS = 4;

/** The queue of a dataset in SQS. */
export class SqsRunQueue implements RunQueue {
  readonly #sqs: SQSClient;
  readonly #url: string;

  constructor(sqs: SQSClient, url: string) {
    this.#sqs = sqs;
    this.#url = url;
  }

  /** A request that fails does not stop the others. */
  async sendTick(message: Pick<RunMessage, 'dataset' | 'tick'>, runs: readonly TickRun[]): Promise<void> {
    const limit = pLimit(CONCURRENT_REQUESTS);
    const batches = [];
    for (let start = 0; start < runs.length; start += MESSAGES_PER_REQUEST) {
      const chunk = runs.slice(start, start + MESSAGES_PER_REQUEST);
      batches.push(limit(() => this.#sendBatch(message, chunk)));
    }
    const results = await Promise.allSettled(batches);
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (errors.length > 0) {
      throw new Error(`${errors.length} of ${batches.length} requests to SQS failed for ${message.dataset}`, {
        cause: errors[0],
      });
    }
  }

  async #sendBatch(message: Pick<RunMessage, 'dataset' | 'tick'>, runs: readonly TickRun[]): Promise<void> {
    const response = await this.#sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: this.#url,
        Entries: runs.map(
          (run): SendMessageBatchRequestEntry => ({
            Id: run.subject.id,
            ...parametersOf(tickEntry(message, run)),
          }),
        ),
      }),
    );
    const refused = response.Failed?.length ?? 0;
    if (refused > 0)
      throw new Error(`SQS refused ${refused} of ${runs.length} messages for ${message.dataset}`);
  }

  async sendContinuation(message: RunMessage, sequence: number): Promise<void> {
    const parameters = parametersOf(continuationEntry(message, sequence));
    await this.#sqs.send(new SendMessageCommand({ QueueUrl: this.#url, ...parameters }));
  }

  async defer(receiptHandle: string, seconds: number): Promise<void> {
    await this.#sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.#url,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  }
}

function parametersOf({ group, deduplicationId, body }: QueueEntry) {
  return { MessageGroupId: group, MessageDeduplicationId: deduplicationId, MessageBody: body };
}
