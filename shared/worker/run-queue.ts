import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import pLimit from 'p-limit';
import { formatRunMessage, type RunMessage } from './message.ts';

/** SQS accepts at most this many messages in one request. */
export const MESSAGES_PER_REQUEST = 10;

/**
 * Requests of one tick at a time. SQS accepts 300 a second for a FIFO queue, and answers in 10 to 20 ms, so this stays
 * below the limit.
 */
const CONCURRENT_REQUESTS = 4;

/** A run that a tick asks for. */
export type TickRun = Pick<RunMessage, 'subject' | 'credential' | 'unlistedSince'>;

/** The FIFO queue of one dataset; its message groups are the projects and organisations. */
export class RunQueue {
  readonly #sqs: SQSClient;
  readonly #url: string;

  constructor(sqs: SQSClient, url: string) {
    this.#sqs = sqs;
    this.#url = url;
  }

  /**
   * Sends one message for each project or organisation, roughly in this order. SQS discards a second message of the same
   * tick within five minutes. A request that fails does not stop the others.
   * @throws {Error} after all requests, if one failed or SQS refused a message
   */
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

  async #sendBatch(
    { dataset, tick }: Pick<RunMessage, 'dataset' | 'tick'>,
    runs: readonly TickRun[],
  ): Promise<void> {
    const response = await this.#sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: this.#url,
        Entries: runs.map(
          (run): SendMessageBatchRequestEntry => ({
            Id: run.subject.id,
            MessageGroupId: run.subject.id,
            MessageDeduplicationId: `${run.subject.id}-${tick}`,
            MessageBody: formatRunMessage({ dataset, tick, ...run, continuation: 0 }),
          }),
        ),
      }),
    );
    const refused = response.Failed?.length ?? 0;
    if (refused > 0) throw new Error(`SQS refused ${refused} of ${runs.length} messages for ${dataset}`);
  }

  /** Sends one message for the remaining work of a run; `sequence` is the header's at the end of the run. */
  async sendContinuation(message: RunMessage, sequence: number): Promise<void> {
    await this.#sqs.send(
      new SendMessageCommand({
        QueueUrl: this.#url,
        MessageGroupId: message.subject.id,
        MessageDeduplicationId: `${message.subject.id}-${message.tick}-${sequence}`,
        MessageBody: formatRunMessage(message),
      }),
    );
  }

  /** Hides a received message for some seconds. The caller must then return it as a failure. */
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
