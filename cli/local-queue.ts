import type { Clock } from '../shared/clock.ts';
import { MINUTE, SECOND } from '../shared/durations.ts';
import type { RunMessage } from '../shared/worker/message.ts';
import { continuationEntry, type QueueEntry, type TickRun, tickEntry } from '../shared/worker/run-queue.ts';
import type { ReceivedMessage, WorkQueue } from './event-source.ts';

/** How long the id of a message is remembered, as in SQS. */
const DEDUPLICATION = 5 * MINUTE;

interface QueuedMessage extends QueueEntry {
  id: string;
  /** The message is hidden until then. Infinity while it is processed: its receiver cannot die without the queue. */
  visibleAt: number;
}

/**
 * A FIFO queue in memory. It may lose its messages with the process, as a queue loses them at the end of their retention:
 * the cursors know what is missing, and any later tick continues.
 */
export class LocalQueue implements WorkQueue {
  readonly #clock: Clock;
  #messages: QueuedMessage[] = [];
  /** When each id was sent, the oldest first. */
  readonly #sent = new Map<string, number>();
  #ids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async sendTick(message: Pick<RunMessage, 'dataset' | 'tick'>, runs: readonly TickRun[]): Promise<void> {
    for (const run of runs) this.#send(tickEntry(message, run));
  }

  async sendContinuation(message: RunMessage, sequence: number): Promise<void> {
    this.#send(continuationEntry(message, sequence));
  }

  async defer(receiptHandle: string, seconds: number): Promise<void> {
    const message = this.#messages.find(({ id }) => id === receiptHandle);
    if (message) message.visibleAt = this.#clock.now() + seconds * SECOND;
  }

  async receive(waitSeconds: number): Promise<ReceivedMessage | undefined> {
    const received = this.#take();
    if (received || waitSeconds === 0) return received;
    const next = Math.min(...this.#heads().map(({ visibleAt }) => visibleAt));
    await this.#clock.sleep(Math.max(Math.min(next - this.#clock.now(), waitSeconds * SECOND), 0));
    return this.#take();
  }

  async remove(receiptHandle: string): Promise<void> {
    this.#messages = this.#messages.filter(({ id }) => id !== receiptHandle);
  }

  async size(): Promise<number> {
    return this.#messages.length;
  }

  #send(entry: QueueEntry): void {
    const now = this.#clock.now();
    for (const [id, sentAt] of this.#sent) {
      if (now - sentAt < DEDUPLICATION) break;
      this.#sent.delete(id);
    }
    if (this.#sent.has(entry.deduplicationId)) return;
    this.#sent.set(entry.deduplicationId, now);
    this.#ids += 1;
    this.#messages.push({ ...entry, id: String(this.#ids), visibleAt: now });
  }

  #take(): ReceivedMessage | undefined {
    const now = this.#clock.now();
    const message = this.#heads().find(({ visibleAt }) => visibleAt <= now);
    if (message === undefined) return undefined;
    message.visibleAt = Number.POSITIVE_INFINITY;
    return { id: message.id, receiptHandle: message.id, body: message.body };
  }

  /** Returns the first message of each group. A hidden message blocks the later messages of its group. */
  #heads(): QueuedMessage[] {
    const first = new Map<string, QueuedMessage>();
    for (const message of this.#messages) if (!first.has(message.group)) first.set(message.group, message);
    return [...first.values()];
  }
}
