import { formatRunMessage, type RunMessage } from './message.ts';

/** A run that a tick asks for. */
export type TickRun = Pick<RunMessage, 'subject' | 'credential' | 'unlistedSince'>;

/** The FIFO queue of one dataset; its message groups are the projects and organisations. */
export interface RunQueue {
  /**
   * Sends one message for each project or organisation, roughly in this order. The queue discards a second message of the
   * same tick within five minutes.
   * @throws {Error} if a message was not sent
   */
  sendTick(message: Pick<RunMessage, 'dataset' | 'tick'>, runs: readonly TickRun[]): Promise<void>;
  /** Sends one message for the remaining work of a run; `sequence` is the header's at the end of the run. */
  sendContinuation(message: RunMessage, sequence: number): Promise<void>;
  /** Hides a received message for some seconds. The caller must then return it as a failure. */
  defer(receiptHandle: string, seconds: number): Promise<void>;
}

/** What a FIFO queue needs to know about a message. */
export interface QueueEntry {
  /** Messages of a group are delivered in order, one at a time. */
  group: string;
  /** A second message with the same id within five minutes is discarded. */
  deduplicationId: string;
  body: string;
}

/** Returns the message of a tick. */
export function tickEntry({ dataset, tick }: Pick<RunMessage, 'dataset' | 'tick'>, run: TickRun): QueueEntry {
  return {
    group: run.subject.id,
    deduplicationId: `${run.subject.id}-${tick}`,
    body: formatRunMessage({ dataset, tick, ...run, continuation: 0 }),
  };
}

/** Returns the message for the remaining work of a run. */
export function continuationEntry(message: RunMessage, sequence: number): QueueEntry {
  return {
    group: message.subject.id,
    deduplicationId: `${message.subject.id}-${message.tick}-${sequence}`,
    body: formatRunMessage(message),
  };
}
