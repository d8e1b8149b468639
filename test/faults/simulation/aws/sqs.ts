import { createHash } from 'node:crypto';
import { MINUTE, SECOND } from '../../../../shared/durations.ts';
import { maxReceives, retentionSeconds } from '../../../../shared/worker/limits.ts';
import { operationOf } from './dynamodb.ts';
import { type Rejected, rejectedBatch, rejectedMessage, rejectedVisibility } from './sqs-rules.ts';
import { bytesOf, jsonError, jsonResponse, type SdkRequest, type SdkResponse } from './wire.ts';

export interface Message {
  id: string;
  /** The queue's URL. */
  queue: string;
  group: string;
  body: string;
  sentAt: number;
  /** The message is hidden until then. */
  visibleAt: number;
  receives: number;
}

interface Entry {
  Id?: string;
  MessageBody: string;
  MessageGroupId: string;
  MessageDeduplicationId: string;
}

/** Limits of FIFO queues, and the stack's settings for datasets with short intervals. A message that is sent again within five minutes is the same message. */
const DEDUPLICATION = 5 * MINUTE;
const RETENTION = retentionSeconds(0) * SECOND;
const MOST_RECEIVES = maxReceives(0);

/** Simulates FIFO queues: groups in order, one message of a group in flight, at-least-once delivery, and a limited number of deliveries. */
export class SimulatedSqs {
  readonly #now: () => number;
  readonly #visibility: number;
  #messages: Message[] = [];
  #sent = 0;
  readonly #recent = new Map<string, number>();
  /** The number of messages that were delivered too often without success. */
  dead = 0;

  constructor(options: { now: () => number; visibility: number }) {
    this.#now = options.now;
    this.#visibility = options.visibility;
  }

  handle(request: SdkRequest): SdkResponse {
    const operation = operationOf(request);
    const input = JSON.parse(bytesOf(request.body).toString('utf8'));
    switch (operation) {
      case 'SendMessage': {
        const rejected = rejectedMessage(input);
        return rejected ? refusal(rejected) : jsonResponse(200, this.#send(input.QueueUrl, input));
      }
      case 'SendMessageBatch': {
        const entries: Entry[] = input.Entries;
        // SQS names each bad message in its answer. The collector sends no bad messages, so one error is enough here.
        const rejected =
          rejectedBatch(entries) ?? entries.map(rejectedMessage).find((one) => one !== undefined);
        if (rejected) return refusal(rejected);
        const sent = entries.map((entry) => ({ Id: entry.Id, ...this.#send(input.QueueUrl, entry) }));
        return jsonResponse(200, { Successful: sent, Failed: [] });
      }
      case 'ChangeMessageVisibility': {
        const rejected = rejectedVisibility(input.VisibilityTimeout);
        if (rejected) return refusal(rejected);
        const message = this.#messages.find(({ id }) => id === input.ReceiptHandle);
        if (message) message.visibleAt = this.#now() + Number(input.VisibilityTimeout) * 1000;
        return jsonResponse(200, {});
      }
      default:
        throw new Error(`the simulation has no SQS operation ${operation}`);
    }
  }

  refuse(_request: SdkRequest, fault: 'throttled' | 'failed' | 'conflict'): SdkResponse {
    return fault === 'throttled' ? jsonError(400, 'RequestThrottled') : jsonError(500, 'InternalFailure');
  }

  /** Returns the first message of each group that is not hidden. */
  deliverable(): Message[] {
    const now = this.#now();
    return this.#heads().filter(({ visibleAt }) => visibleAt <= now);
  }

  /** Returns when the next message can be delivered, or undefined if there is none. */
  get nextVisible(): number | undefined {
    const heads = this.#heads();
    return heads.length === 0 ? undefined : Math.min(...heads.map(({ visibleAt }) => visibleAt));
  }

  /** Returns the first message of each group. A hidden message blocks the later messages of its group. */
  #heads(): Message[] {
    const now = this.#now();
    this.#messages = this.#messages.filter(({ sentAt }) => now - sentAt < RETENTION);
    const first = new Map<string, Message>();
    for (const message of this.#messages) {
      const group = `${message.queue} ${message.group}`;
      if (!first.has(group)) first.set(group, message);
    }
    return [...first.values()];
  }

  /** Hides a message for its delivery. Returns false if it was delivered too often and becomes a dead letter. */
  receive(message: Message): boolean {
    if (message.receives >= MOST_RECEIVES) {
      this.remove(message);
      this.dead += 1;
      return false;
    }
    message.receives += 1;
    message.visibleAt = this.#now() + this.#visibility;
    return true;
  }

  remove(message: Message): void {
    this.#messages = this.#messages.filter((other) => other !== message);
  }

  #send(queue: string, entry: Entry) {
    const now = this.#now();
    const key = `${queue} ${entry.MessageDeduplicationId}`;
    const sent = { MessageId: key, MD5OfMessageBody: md5(entry.MessageBody) };
    const before = this.#recent.get(key);
    if (before !== undefined && now - before < DEDUPLICATION) return sent;
    this.#recent.set(key, now);
    this.#sent += 1;
    this.#messages.push({
      id: `message-${this.#sent}`,
      queue,
      group: entry.MessageGroupId,
      body: entry.MessageBody,
      sentAt: now,
      visibleAt: now,
      receives: 0,
    });
    return sent;
  }
}

function refusal({ code, message }: Rejected): SdkResponse {
  return jsonError(400, code, { message, Message: message });
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
