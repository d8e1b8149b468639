import type { RateLimitReport } from './headers.ts';
import { type Bucket, type BucketSize, REFILL_INTERVAL } from './sets.ts';

/** A request that was sent and has no answer yet. */
export interface Sent {
  /** How many requests this bucket had sent, this one included. */
  readonly order: number;
  /** How many others had no answer when it was sent. */
  readonly overlapping: number;
}

/** Between answers the bucket is taken to fill 2 % slower than documented: our clock is not Atlas's. */
const REFILL_CAUTION = 0.98;

/**
 * How much more than the reserve stays, as a share of the limit and as requests. Whether Atlas refills drop by drop
 * or once a minute is not documented; the margin pays for the requests that find out.
 */
const MARGIN_SHARE = 0.01;
const MIN_MARGIN = 2;

/**
 * A limit is believed up to so many times the documented one. The reserve is a share of it: of a limit without any
 * bound the reserve alone would be more than the bucket can fill in years, and nothing would be sent to find out.
 */
const HIGHEST_LIMIT = 50;

/** Milliseconds for which an answer says enough about the bucket to send more than one request at a time. */
const TRUST = 60_000;

/** Milliseconds after which the others wait no longer for the request that is to tell how full the bucket is. */
const PATIENCE = 2_000;

/** Milliseconds of rest when less remains than was left there, but enough to look once more without any refill. */
const REST = 5_000;

/**
 * What is known of one token bucket of Atlas, which others use as well. Pure arithmetic: the time is an argument, in
 * milliseconds, everywhere.
 *
 * `#tokens` is what surely remains once everything in flight has been counted: the last answer's `RateLimit-Remaining`
 * less our requests in flight, filled up since then at the documented rate.
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

  /** @param reserve the share of the bucket, 0 to less than 1, that is left to others if it is shared */
  constructor(bucket: Omit<Bucket, 'key'>, reserve: number, now: number) {
    this.#size = bucket.size;
    this.#shared = bucket.shared;
    this.#reserve = reserve;
    this.#limit = bucket.size.capacity;
    this.#tokens = bucket.size.capacity;
    this.#filledAt = now;
  }

  /** Milliseconds until the request at this place in the queue (the first is 1) can be sent, 0 for now. */
  waitFor(place: number, now: number): number {
    this.#fill(now);
    const missing = this.#floor() + place - this.#tokens;
    const refill = missing > 0 ? Math.ceil(missing / this.#refillRate()) : 0;
    return Math.max(0, refill, Math.ceil(this.#blockedUntil - now));
  }

  /**
   * Milliseconds until the first in the queue can be sent, 0 for now. Other than `waitFor` it counts the time that
   * goes into finding out: of a bucket that no recent answer tells about, one request is sent first.
   */
  waitForFirst(now: number): number {
    const asking = this.#inFlight > 0 && now >= this.#trustedUntil;
    return Math.max(this.waitFor(1, now), asking ? this.#sentAt + PATIENCE - now : 0);
  }

  /** One request goes out. */
  send(now: number): Sent {
    this.#fill(now);
    const overlapping = this.#inFlight;
    this.#tokens -= 1;
    this.#sent += 1;
    this.#sentAt = now;
    this.#inFlight += 1;
    return { order: this.#sent, overlapping };
  }

  /** The request has ended: with an answer, or without one, when nobody knows whether Atlas counted it. */
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
    // An answer that was overtaken tells of an earlier time.
    if (sent.order < this.#newestAnswered) return;
    this.#newestAnswered = sent.order;
    // Which of the requests that overlapped with this one had been counted when Atlas wrote the answer is not known:
    // at least those without an answer may still be to come, at most all of them.
    const atMost = remaining - this.#inFlight;
    const atLeast = remaining - sent.overlapping - (this.#sent - sent.order);
    this.#tokens = Math.min(Math.max(this.#tokens, atLeast), atMost);
    // Ours never take the bucket below the floor: so others draw on it, or the refill comes later than it was taken to.
    if (remaining < this.#floor()) {
      this.#blockedUntil = Math.max(this.#blockedUntil, now + this.#rest(remaining));
      this.#trustedUntil = Number.NEGATIVE_INFINITY;
    }
  }

  /** How long to leave the bucket alone: until it must have filled again, however the refill comes. */
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

  /** A limit below the documented one is taken to fill slower in proportion, a larger one not to fill faster. */
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

  /** What must remain after a request; one less than the limit, so that a full bucket always allows one. */
  #floor(): number {
    if (!this.#shared) return 0;
    const margin = Math.max(MIN_MARGIN, Math.ceil(MARGIN_SHARE * this.#limit));
    return Math.min(this.#limit - 1, this.#reserved() + margin);
  }
}
