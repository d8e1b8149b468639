import { describe, expect, it } from 'vitest';
import { AtlasDeadlineError, AtlasThrottledError } from '../../../shared/atlas/errors.ts';
import type { RateLimitReport } from '../../../shared/atlas/rate-limit/headers.ts';
import { type Permit, RateLimiter } from '../../../shared/atlas/rate-limit/limiter.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { FakeClock } from './fake-clock.ts';

const BUCKET = { key: 'monitoring', size: { capacity: 300, refill: 100 }, shared: true };
const RESERVE = 60;
const LATENCY = 400;

function setUp(maxInFlight = 10) {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ clock, reserve: 0.2, maxInFlight });
  const traffic = { requests: 0, throttled: 0 };
  const controller = new AbortController();
  const acquire = (bucket = BUCKET, deadline = Number.POSITIVE_INFINITY, signal = controller.signal) =>
    limiter.acquire({
      bucket,
      context: { operation: 'listThings', deadline, traffic, exhausted: new Map(), signal },
      operation: 'listThings',
      attempts: 0,
      previous: undefined,
    });
  return { clock, limiter, traffic, controller, acquire };
}

function remaining(count: number): RateLimitReport {
  return { limit: 300, remaining: count, pause: undefined, exhausted: false, counted: true };
}

const refused = (pause: number): RateLimitReport => ({
  limit: undefined,
  remaining: undefined,
  pause,
  exhausted: true,
  counted: true,
});

/** Atlas's side of the bucket: its content, and its minimum right after one of our requests. */
class AtlasBucket {
  tokens = 300;
  lowest = 300;
  served = 0;
  readonly #clock: FakeClock;
  readonly #lumpy: boolean;
  #filledAt: number;

  constructor(clock: FakeClock, lumpy: boolean) {
    this.#clock = clock;
    this.#lumpy = lumpy;
    this.#filledAt = clock.now();
  }

  /** Takes requests like another user, as far as there are any. */
  drain(count: number): void {
    this.#fill();
    this.tokens -= Math.min(count, Math.floor(this.tokens));
  }

  serve(): number {
    this.#fill();
    this.tokens -= 1;
    const left = Math.floor(this.tokens);
    this.lowest = Math.min(this.lowest, left);
    this.served += 1;
    return left;
  }

  #fill(): void {
    const elapsed = this.#clock.now() - this.#filledAt;
    const periods = this.#lumpy ? Math.floor(elapsed / MINUTE) : elapsed / MINUTE;
    this.tokens = Math.min(300, this.tokens + periods * 100);
    this.#filledAt += periods * MINUTE;
  }
}

/** Starts twelve callers that always have another request, and continue at `retryAt`. */
function startCallers(set: ReturnType<typeof setUp>, atlas: AtlasBucket): void {
  const call = async (): Promise<never> => {
    for (;;) {
      try {
        const permit = await set.acquire();
        await set.clock.sleep(LATENCY / 2);
        const left = atlas.serve();
        await set.clock.sleep(LATENCY / 2);
        permit.release(remaining(left));
      } catch (error) {
        if (!(error instanceof AtlasThrottledError)) throw error;
        await set.clock.sleep(Math.max(1, error.retryAt - set.clock.now()));
      }
    }
  };
  for (let caller = 0; caller < 12; caller += 1) void call();
}

describe('RateLimiter', () => {
  it('uses at least 95 % of a steady refill, and never the reserve', async () => {
    const set = setUp();
    const atlas = new AtlasBucket(set.clock, false);
    startCallers(set, atlas);
    await set.clock.advance(120_000);
    const before = atlas.served;
    await set.clock.advance(10 * MINUTE);
    expect(atlas.served - before).toBeGreaterThanOrEqual(950);
    expect(atlas.lowest).toBeGreaterThanOrEqual(RESERVE);
  });

  it('never uses the reserve if the refill comes once a minute, and still uses most of the refill', async () => {
    const set = setUp();
    const atlas = new AtlasBucket(set.clock, true);
    startCallers(set, atlas);
    await set.clock.advance(120_000);
    const before = atlas.served;
    await set.clock.advance(10 * MINUTE);
    expect(atlas.lowest).toBeGreaterThanOrEqual(RESERVE);
    expect(atlas.served - before).toBeGreaterThanOrEqual(800);
  });

  it('yields to others that use the bucket faster than it refills', async () => {
    const set = setUp();
    const atlas = new AtlasBucket(set.clock, false);
    startCallers(set, atlas);
    await set.clock.advance(MINUTE);
    for (let second = 0; second < 120; second += 1) {
      atlas.drain(5);
      await set.clock.advance(1_000);
    }
    const before = atlas.served;
    for (let second = 0; second < 300; second += 1) {
      atlas.drain(5);
      await set.clock.advance(1_000);
    }
    // Only probes, once a minute.
    expect(atlas.served - before).toBeLessThanOrEqual(5);
  });

  it('admits requests in order', async () => {
    const { acquire, clock } = setUp(1);
    const order: number[] = [];
    for (const number of [1, 2, 3]) {
      void acquire().then((permit) => {
        order.push(number);
        permit.release(remaining(200));
      });
    }
    await clock.advance(0);
    expect(order).toEqual([1, 2, 3]);
  });

  it('sends at most as many requests together as there are connections, over all buckets', async () => {
    const { acquire, clock } = setUp(2);
    const permits: Permit[] = [];
    for (const key of ['a', 'b', 'c', 'd'])
      void acquire({ ...BUCKET, key }).then((permit) => permits.push(permit));
    await clock.advance(0);
    expect(permits).toHaveLength(2);
    permits[0]?.release(remaining(200));
    await clock.advance(0);
    expect(permits).toHaveLength(3);
  });

  it('sends one request first into an unknown bucket', async () => {
    const { acquire, clock } = setUp();
    const permits: Permit[] = [];
    for (let count = 0; count < 5; count += 1) void acquire().then((permit) => permits.push(permit));
    await clock.advance(0);
    expect(permits).toHaveLength(1);
    permits[0]?.release(remaining(200));
    await clock.advance(0);
    expect(permits).toHaveLength(5);
  });

  it('fails immediately if the bucket stays at the reserve for more than ten seconds', async () => {
    const { acquire, clock, traffic } = setUp();
    (await acquire()).release(remaining(60));
    const error = await acquire().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AtlasThrottledError);
    expect(error).toMatchObject({
      bucket: 'monitoring',
      retryAt: clock.now() + MINUTE,
      operation: 'listThings',
    });
    expect(traffic.throttled).toBe(1);
  });

  it('queues as many requests as ten seconds of refill allow, and refuses the rest immediately', async () => {
    const { acquire, clock, traffic } = setUp(100);
    (await acquire()).release(remaining(63));
    let [admitted, throttled] = [0, 0];
    for (let count = 0; count < 20; count += 1) {
      acquire().then(
        () => {
          admitted += 1;
        },
        () => {
          throttled += 1;
        },
      );
    }
    await clock.advance(0);
    expect({ admitted, throttled }).toEqual({ admitted: 0, throttled: 4 });
    await clock.advance(10_000);
    expect({ admitted, throttled }).toEqual({ admitted: 16, throttled: 4 });
    expect(traffic.throttled).toBe(20);
  });

  it('refuses a request immediately if it would have to wait past its deadline', async () => {
    const { acquire, clock } = setUp();
    (await acquire()).release(remaining(63));
    await expect(acquire(BUCKET, clock.now() + 500)).rejects.toBeInstanceOf(AtlasThrottledError);
  });

  it('holds all requests after a 429, including waiting ones', async () => {
    const { acquire, clock } = setUp(1);
    const permit = await acquire();
    const waiting = acquire();
    permit.release(refused(30_000));
    await expect(waiting).rejects.toMatchObject({ name: 'AtlasThrottledError' });
    await clock.advance(29_000);
    await expect(acquire()).rejects.toBeInstanceOf(AtlasThrottledError);
  });

  it('does not hold requests of other buckets', async () => {
    const { acquire } = setUp();
    (await acquire()).release(refused(30_000));
    await expect(acquire({ ...BUCKET, key: 'clusters' })).resolves.toBeDefined();
  });

  it('leaves the queue at the deadline', async () => {
    const { acquire, controller, clock } = setUp(1);
    const permit = await acquire();
    const waiting = acquire();
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(AtlasDeadlineError);
    permit.release(remaining(200));
    expect(clock.asleep).toBe(0);
    const next = acquire(BUCKET, Number.POSITIVE_INFINITY, new AbortController().signal);
    expect(await Promise.race([next, clock.advance(0)])).toBeDefined();
  });

  it('refuses a request after its deadline', async () => {
    const { acquire, clock } = setUp();
    await expect(acquire(BUCKET, clock.now())).rejects.toBeInstanceOf(AtlasDeadlineError);
  });
});
