import type { Clock } from '../../clock.ts';
import type { CursorStore } from '../../cursors/cursor-store.ts';
import type { PartitionKey } from '../../cursors/header.ts';
import { MINUTE, SECOND } from '../../durations.ts';
import { lastRunOf } from '../run-statistics.ts';

/** Why a backfill waits. `turn`: the collector shall have its turn. */
export type Wait = 'lease' | 'rate limit' | 'turn';

/** How long the runs of one turn hold the lease. */
export const TURN = 5 * MINUTE;

/** The least time for a run. With less, a new turn begins. */
const LEAST_RUN = MINUTE;

/** How often to look whether the collector has had its turn. */
const INTERVAL = 5 * SECOND;

export interface TurnOptions {
  scope: PartitionKey;
  cursors: CursorStore;
  clock: Clock;
  /** Whether no collector can run meanwhile. */
  isAlone: boolean;
  /** How often the collector runs, ms. */
  every: number;
  signal: AbortSignal;
  /** @param until clock time */
  onWait(why: Wait, until: number): void;
}

/**
 * Shares a dataset and subject with the collector. A message of the collector that meets the lease is dropped, so after
 * each turn a backfill waits without the lease until the collector has run.
 */
export class Turns {
  readonly #options: TurnOptions;
  #end: number | null = null;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** Returns the deadline of the next run, clock time. If the turn is over, waits for another run or its tick first. */
  async next(): Promise<number> {
    const { clock, isAlone } = this.#options;
    if (isAlone) return clock.now() + TURN;
    if (this.#end !== null && clock.now() > this.#end - LEAST_RUN) {
      await this.#leaveRoom();
      this.#end = null;
    }
    this.#end ??= clock.now() + TURN;
    return this.#end;
  }

  /** Begins a new turn, because another run has the lease. */
  passed(): void {
    this.#end = null;
  }

  async #leaveRoom(): Promise<void> {
    const { clock, every, signal, onWait } = this.#options;
    const before = await this.#lastTick();
    const until = clock.now() + Math.max(every, TURN);
    onWait('turn', until);
    while (clock.now() < until && (await this.#lastTick()) === before) await clock.sleep(INTERVAL, signal);
  }

  async #lastTick(): Promise<number | null> {
    const { cursors, scope } = this.#options;
    const header = await cursors.readHeader(scope);
    return (header && lastRunOf(header.statistics)?.tick) ?? null;
  }
}
