import type { AtlasLog } from '../atlas/api.ts';
import type { AtlasClients } from '../atlas/clients.ts';
import type { Clock } from '../clock.ts';
import type { CollectorConfig } from '../config.ts';
import type { CredentialName } from '../credential-name.ts';
import type { CursorStore } from '../cursors/cursor-store.ts';
import type { SubjectRegistry } from '../cursors/subject-registry.ts';
import type { FinishedRun, RunProgress } from '../engine/run-result.ts';
import type { Subject } from '../ids.ts';
import type { ObjectStore } from '../lake/object-store.ts';
import type { RunQueue } from './run-queue.ts';

/**
 * The dependencies of `dispatch`. It uses the registry of subjects and the commit records, neither cursors nor tables.
 */
export interface DispatchRuntime
  extends Pick<Runtime, 'config' | 'atlas' | 'lake' | 'queue' | 'clock' | 'log'> {
  /** Called when Atlas refused a credential or it is not usable, so that no run of this tick can succeed with it. */
  onRefused(dataset: string, credential: CredentialName): void;
  /** Called when a credential could not list its projects for another reason, and others could. */
  onUnlistable(dataset: string): void;
  /** Called when items of the list of projects were unreadable. */
  onUnreadable(dataset: string, items: number): void;
  subjects: SubjectRegistry;
  /** Called when the messages of a tick are sent. */
  onSent(dataset: string, messages: number): void;
  /** Called when previously collected projects or organisations are missing from Atlas's lists, or have no credential. */
  onUnlisted(dataset: string, count: number): void;
}

/** The dependencies of a dataset's function: in Lambda, or on one machine for the command line. */
export interface Runtime {
  config: CollectorConfig;
  atlas: AtlasClients;
  cursors: CursorStore;
  lake: ObjectStore;
  /** Reads the key for hashes of withheld values again on each call; null if there is none. */
  redactionKey(): Promise<string | null>;
  /** Returns the queue of a dataset. */
  queue(dataset: string): RunQueue;
  clock: Clock;
  newId(): string;
  log: Log;
  /** The holder of the lease is known to be dead. */
  breakLease: boolean;
  onProgress(progress: RunProgress): void;
  /**
   * Whether a message is answered without a run if a later run has done its work. On one machine no messages pile up, and
   * a command that is repeated collects again.
   */
  skipRedundant: boolean;
  /** Called when a message was answered without a run. */
  onRedundant(dataset: string, subject: Subject): void;
  /** Called with each finished run: for metrics, or the command line's summary. */
  onFinished(run: FinishedRun, credential: CredentialName): void;
  /** Called when a run ended with an error that is not from Atlas. Its message will be delivered again. */
  onCrashed(dataset: string, error: unknown): void;
}

/** A structured log. Data from Atlas (names, log lines) goes to `debug` only; secrets are never logged. */
export interface Log extends AtlasLog {
  error(message: string, fields?: Record<string, unknown>): void;
}
