import { EventHeap } from './event-heap.ts';

export interface QueueSettings {
  /** How long a message is kept, ms. */
  retention: number;
  /** How long a received message is hidden, ms. */
  visibility: number;
  /** Deliveries before a message becomes a dead letter. */
  maxReceives: number;
}

export interface QueuedMessage {
  /** The number of the project, which is the message group. */
  group: number;
  tick: number;
  sentAt: number;
  /** Numbers the messages in the order in which they were sent. */
  sequence: number;
  receives: number;
}

/** Deleted messages of a group that are kept in memory, because removing them one by one is slow. */
const KEPT = 16;

/**
 * A FIFO queue of SQS with one message group for each project. It delivers one message of a group at a time, in order. Of
 * several groups it delivers the one whose message is oldest, which SQS does roughly.
 */
export class FifoQueue {
  readonly #settings: QueueSettings;
  readonly #groups: Array<{ messages: QueuedMessage[]; first: number; isReady: boolean }>;
  /** Groups whose first message is visible, by its sequence. */
  readonly #ready = new EventHeap<number>();
  #sent = 0;
  expired = 0;
  dead = 0;

  constructor(groups: number, settings: QueueSettings) {
    this.#settings = settings;
    this.#groups = Array.from({ length: groups }, () => ({ messages: [], first: 0, isReady: false }));
  }

  send(group: number, tick: number, now: number): void {
    const state = this.#state(group);
    const isAlone = state.first === state.messages.length;
    state.messages.push({ group, tick, sentAt: now, sequence: this.#sent++, receives: 0 });
    if (isAlone) this.#makeReady(group);
  }

  /** Receives the oldest visible message and hides its group. The caller deletes it, or shows it again later. */
  receive(now: number): QueuedMessage | undefined {
    for (;;) {
      const next = this.#ready.pop();
      if (!next) return undefined;
      const state = this.#state(next.value);
      state.isReady = false;
      const message = state.messages[state.first];
      if (!message) continue;
      const isExpired = now - message.sentAt >= this.#settings.retention;
      if (!isExpired && message.receives < this.#settings.maxReceives) {
        message.receives += 1;
        return message;
      }
      if (isExpired) this.expired += 1;
      else this.dead += 1;
      this.delete(next.value);
    }
  }

  /** Deletes the first message of a group, so that the next one is visible. */
  delete(group: number): void {
    const state = this.#state(group);
    state.first += 1;
    if (state.first === state.messages.length || state.first >= KEPT) {
      state.messages.splice(0, state.first);
      state.first = 0;
    }
    this.#makeReady(group);
  }

  /** Shows the first message of a group again, after its visibility timeout. */
  show(group: number): void {
    this.#makeReady(group);
  }

  #makeReady(group: number): void {
    const state = this.#state(group);
    const message = state.messages[state.first];
    if (!message || state.isReady) return;
    state.isReady = true;
    this.#ready.push(message.sequence, group);
  }

  #state(group: number) {
    const state = this.#groups[group];
    if (!state) throw new RangeError(`no group ${group}`);
    return state;
  }
}
