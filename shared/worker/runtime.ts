import type { AtlasClient, AtlasLog } from '../atlas/api.ts';
import type { Clock } from '../clock.ts';
import type { CollectorConfig } from '../config.ts';
import type { CursorStore } from '../cursors/cursor-store.ts';
import type { SubjectRegistry } from '../cursors/subject-registry.ts';
import type { FinishedRun, RunProgress } from '../engine/run-result.ts';
import type { ObjectStore } from '../lake/object-store.ts';
import type { RunQueue } from './run-queue.ts';

/** What `dispatch` works with: it touches neither the lake nor the cursors, but what it knows of the units. */
export interface DispatchRuntime extends Pick<Runtime, 'config' | 'atlas' | 'queue' | 'clock' | 'log'> {
  /** Called when Atlas refused the credentials, or there are none: no run of this tick can come of it. */
  onRefused(dataset: string): void;
  /** Called when items of the list of projects could not be read. */
  onUnreadable(dataset: string, items: number): void;
  units: SubjectRegistry;
  /** Called when projects or organisations that were collected before are missing from Atlas's list. */
  onUnlisted(dataset: string, count: number): void;
}

/** Everything that a dataset's function works with: Lambda's, or the command line's on one machine. */
export interface Runtime {
  config: CollectorConfig;
  atlas: AtlasClient;
  cursors: CursorStore;
  lake: ObjectStore;
  /** What hashes of withheld values are keyed with, read anew; null when there is none. */
  redactionKey(): Promise<string | null>;
  /** The queue of a dataset. */
  queue(dataset: string): RunQueue;
  clock: Clock;
  newId(): string;
  log: Log;
  /** Whoever holds a lease is known to be dead. */
  breakLease: boolean;
  onProgress(progress: RunProgress): void;
  /** Called with each run that has finished: metrics, or the command line's summary. */
  onFinished(run: FinishedRun): void;
  /** Called when a run ended by an error that is not Atlas's: its message will be delivered again. */
  onCrashed(dataset: string, error: unknown): void;
}

/** Structured logs. What comes from Atlas (names, log lines) goes to `debug` at most; secrets go nowhere. */
export interface Log extends AtlasLog {
  error(message: string, fields?: Record<string, unknown>): void;
}
