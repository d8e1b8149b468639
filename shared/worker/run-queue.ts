import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { formatRunMessage, type RunMessage } from './message.ts';

/** SQS accepts at most this many messages in one request. */
const MESSAGES_PER_REQUEST = 10;

/** The FIFO queue of one dataset; its message groups are the projects and organisations. */
export class RunQueue {
  readonly #sqs: SQSClient;
  readonly #url: string;

  constructor(sqs: SQSClient, url: string) {
    this.#sqs = sqs;
    this.#url = url;
  }

  /**
   * Sends one message for each project or organisation. SQS discards a second message of the same tick within
   * five minutes.
   */
  async sendTick(
    message: Pick<RunMessage, 'dataset' | 'tick'>,
    runs: readonly Pick<RunMessage, 'subject' | 'unlistedSince'>[],
  ): Promise<void> {
    const { dataset, tick } = message;
    for (let start = 0; start < runs.length; start += MESSAGES_PER_REQUEST) {
      const chunk = runs.slice(start, start + MESSAGES_PER_REQUEST);
      const response = await this.#sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: this.#url,
          Entries: chunk.map(
            (run): SendMessageBatchRequestEntry => ({
              Id: run.subject.id,
              MessageGroupId: run.subject.id,
              MessageDeduplicationId: `${run.subject.id}-${tick}`,
              MessageBody: formatRunMessage({ ...message, ...run, continuation: 0 }),
            }),
          ),
        }),
      );
      const refused = response.Failed?.length ?? 0;
      if (refused > 0) throw new Error(`SQS refused ${refused} of ${chunk.length} messages for ${dataset}`);
    }
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
