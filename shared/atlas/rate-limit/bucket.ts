import { MINUTE } from '../../durations.ts';
import type { RateLimitReport } from './headers.ts';
import { type Bucket, type BucketSize, REFILL_INTERVAL } from './sets.ts';

/** A request that was sent and has no response yet. */
export interface Sent {
  /** How many requests this bucket had sent, this one included. */
  readonly order: number;
  /** How many others had no response when it was sent. */
  readonly overlapping: number;
}

/** Between responses, assumes that the bucket refills 2 % slower than documented: our clock is not Atlas's. */
const REFILL_CAUTION = 0.98;

/**
 * How much stays above the reserve, as a share of the limit and as requests. Whether Atlas refills continuously or once
 * a minute is not documented; the margin pays for the requests that find out.
 */
const MARGIN_SHARE = 0.01;
const MIN_MARGIN = 2;

/**
 * The highest credible limit, as a multiple of the documented one. The reserve is a share of the limit: with a huge
 * limit, the reserve alone would take years to refill, and no request would go out to correct it.
 */
const HIGHEST_LIMIT = 50;

/** Milliseconds for which a response tells enough about the bucket to send several requests at a time. */
const TRUST = MINUTE;

/** Milliseconds that the others wait for the request that finds out how full the bucket is. */
const PATIENCE = 2_000;

/** Milliseconds to pause if less remains than expected, but enough to check once more without a refill. */
const REST = 5_000;

/**
 * Models one token bucket of Atlas, which others also use. It is pure arithmetic: every method takes the time, in
 * milliseconds, as an argument.
 *
 * `#tokens` is a lower bound of what remains after everything in flight: the last `RateLimit-Remaining` minus our
 * requests in flight, plus the documented refill since then.
 */
export class TokenBucket {
  readonly #size: BucketSize;
  readonly #shared: boolean;
  readonly #reserve: number;
  #limit: number;
  #tokens: number;
  #filledAt: number;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #trustedUntil = Number.NEGATIVE_INFINITY;
  #sent = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #inFlight = 0;
  #newestAnswered = 0;

  /** @param reserve the share of the bucket, 0 to less than 1, that a shared bucket leaves to others */
  constructor(bucket: Omit<Bucket, 'key'>, reserve: number, now: number) {
    this.#size = bucket.size;
    this.#shared = bucket.shared;
    this.#reserve = reserve;
    this.#limit = bucket.size.capacity;
    this.#tokens = bucket.size.capacity;
    this.#filledAt = now;
  }

  /** Returns the milliseconds until the request at this place in the queue (the first is 1) can be sent, 0 for now. */
  waitFor(place: number, now: number): number {
    this.#fill(now);
    const missing = this.#floor() + place - this.#tokens;
    const refill = missing > 0 ? Math.ceil(missing / this.#refillRate()) : 0;
    return Math.max(0, refill, Math.ceil(this.#blockedUntil - now));
  }

  /**
   * Returns the milliseconds until the first in the queue can be sent, 0 for now. Unlike `waitFor` it includes the time
   * for finding out: without a recent response about the bucket, one request goes first.
   */
  waitForFirst(now: number): number {
    const probing = this.#inFlight > 0 && now >= this.#trustedUntil;
    return Math.max(this.waitFor(1, now), probing ? this.#sentAt + PATIENCE - now : 0);
  }

  /** Records that a request goes out. */
  send(now: number): Sent {
    this.#fill(now);
    const overlapping = this.#inFlight;
    this.#tokens -= 1;
    this.#sent += 1;
    this.#sentAt = now;
    this.#inFlight += 1;
    return { order: this.#sent, overlapping };
  }

  /** Records that a request ended. Without a response, Atlas may or may not have counted it. */
  end(sent: Sent, report: RateLimitReport | undefined, now: number): void {
    this.#fill(now);
    this.#inFlight -= 1;
    if (report === undefined) return;
    if (report.pause !== undefined) {
      this.#blockedUntil = Math.max(this.#blockedUntil, now + report.pause);
      this.#trustedUntil = Number.NEGATIVE_INFINITY;
    } else if (report.counted) {
      this.#trustedUntil = now + TRUST;
    }
    if (report.limit !== undefined && report.limit > 0) {
      this.#limit = Math.min(report.limit, HIGHEST_LIMIT * this.#size.capacity);
    }
    if (report.remaining !== undefined) this.#remains(sent, report.remaining, now);
    else if (report.exhausted) this.#tokens = Math.min(this.#tokens, 0);
  }

  #remains(sent: Sent, remaining: number, now: number): void {
    // A response that arrives out of order describes an earlier time.
    if (sent.order < this.#newestAnswered) return;
    this.#newestAnswered = sent.order;
    // It is unknown which overlapping requests Atlas had counted when it wrote the response: at least those without a
    // response may still count, at most all of them.
    const atMost = remaining - this.#inFlight;
    const atLeast = remaining - sent.overlapping - (this.#sent - sent.order);
    this.#tokens = Math.min(Math.max(this.#tokens, atLeast), atMost);
    // Our requests never take the bucket below the floor, so others use it, or the refill comes later than assumed.
    if (remaining < this.#floor()) {
      this.#blockedUntil = Math.max(this.#blockedUntil, now + this.#rest(remaining));
      this.#trustedUntil = Number.NEGATIVE_INFINITY;
    }
  }

  /** Returns how long to pause: until the bucket must have refilled, whichever way the refill comes. */
  #rest(remaining: number): number {
    if (remaining - 1 >= this.#reserved()) return REST;
    const intervals = Math.ceil((this.#floor() + 1 - remaining) / this.#refill());
    return intervals * REFILL_INTERVAL;
  }

  #fill(now: number): void {
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(this.#limit, this.#tokens + elapsed * this.#refillRate());
    this.#filledAt = now;
  }

  /** Assumes that a limit below the documented one refills proportionally slower, and a larger one no faster. */
  #refill(): number {
    return this.#size.refill * Math.min(1, this.#limit / this.#size.capacity);
  }

  /** Requests per millisecond. */
  #refillRate(): number {
    return (this.#refill() * REFILL_CAUTION) / REFILL_INTERVAL;
  }

  #reserved(): number {
    return Math.ceil(this.#reserve * this.#limit);
  }

  /** What must remain after a request. At most one less than the limit, so that a full bucket always allows one. */
  #floor(): number {
    if (!this.#shared) return 0;
    const margin = Math.max(MIN_MARGIN, Math.ceil(MARGIN_SHARE * this.#limit));
    return Math.min(this.#limit - 1, this.#reserved() + margin);
  }
}
