import type { Clock } from '../../../shared/clock.ts';

interface Sleeper {
  at: number;
  wake: () => void;
}

/** A clock that stands still until a test moves it. Sleepers wake in the order of time. */
export class FakeClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(now = Date.UTC(2026, 7, 10)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { at: this.#now + milliseconds, wake: resolve };
    this.#sleepers.push(sleeper);
    signal?.addEventListener('abort', () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      reject(signal.reason);
    });
    return promise;
  }

  /** The longest remaining sleep, in milliseconds. */
  get asleep(): number {
    return Math.max(0, ...this.#sleepers.map((sleeper) => sleeper.at - this.#now));
  }

  /** Advances the time, and wakes every sleeper at its time. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await settle();
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, sleeper) => (sleeper.at <= until && (!first || sleeper.at < first.at) ? sleeper : first),
        undefined,
      );
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = until;
    await settle();
  }
}

/** A clock that each sleep advances, so that nothing takes real time. `slept` records the sleeps. */
export class SkippingClock implements Clock {
  readonly slept: number[] = [];
  #now: number;

  constructor(now = Date.UTC(2026, 7, 10)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  skip(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await settle();
    signal?.throwIfAborted();
    this.slept.push(milliseconds);
    this.#now += milliseconds;
  }
}

/** Runs everything that waits only for promises. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
