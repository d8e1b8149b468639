import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { ReceivedMessage, WorkQueue } from '../../cli/event-source.ts';
import { VISIBILITY_SECONDS } from '../../shared/worker/limits.ts';
import { SqsRunQueue } from '../../shared/worker/sqs-run-queue.ts';

/** A queue in SQS that the collector of the command line can work on. */
export class SqsWorkQueue extends SqsRunQueue implements WorkQueue {
  readonly #client: SQSClient;
  readonly #address: string;

  constructor(sqs: SQSClient, url: string) {
    super(sqs, url);
    this.#client = sqs;
    this.#address = url;
  }

  async receive(waitSeconds: number): Promise<ReceivedMessage | undefined> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#address,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: waitSeconds,
      }),
    );
    const [message] = Messages;
    if (!message) return undefined;
    const { MessageId: id = '', ReceiptHandle: receiptHandle = '', Body: body = '' } = message;
    return { id, receiptHandle, body };
  }

  async remove(receiptHandle: string): Promise<void> {
    await this.#client.send(
      new DeleteMessageCommand({ QueueUrl: this.#address, ReceiptHandle: receiptHandle }),
    );
  }

  async size(): Promise<number> {
    const { Attributes } = await this.#client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.#address,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const waiting = Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0);
    return waiting + Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'] ?? 0);
  }
}

/** Creates a FIFO queue, and returns its URL. */
export async function createFifoQueue(sqs: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: `${name}.fifo`,
      Attributes: { FifoQueue: 'true', VisibilityTimeout: String(VISIBILITY_SECONDS) },
    }),
  );
  if (!QueueUrl) throw new Error(`no queue ${name}`);
  return QueueUrl;
}
