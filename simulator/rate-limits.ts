import type { SimulatorClock } from './clock.ts';
import { ApiError } from './http/api-error.ts';
import { type BucketSize, ENDPOINT_SETS, type EndpointSet } from './rate-limit-sizes.ts';
import { MINUTE, SECOND } from './time.ts';

export interface RateLimitOptions {
  /** Sizes other than the documented ones. */
  sizes?: Partial<Record<EndpointSet, BucketSize>>;
  /** Whether responses carry `RateLimit-Limit` and `RateLimit-Remaining`. Default: true. */
  headers?: boolean;
  /** Whether a 429 carries `Retry-After`. Default: true. */
  retryAfter?: boolean;
  /** Whether a 429 has the older body, `RATE_LIMITED`. Default: false. */
  legacyBody?: boolean;
}

/** A bucket's counts since the start, or the last reset. */
export interface BucketStatistics {
  /** Requests counted towards the bucket, including refused ones. */
  requests: number;
  /** Requests refused with 429. */
  throttled: number;
  /** Requests sent before the `Retry-After` of an earlier 429 had passed, by the simulator's clock. */
  early: number;
  /** The lowest remaining number after a successful request; the capacity if there was none. */
  lowestRemaining: number;
  /** Requests remaining now. */
  remaining: number;
}

/** The token buckets: one for each set of endpoints and each project, organisation or user. */
export interface RateLimits {
  /** @param scope the project's id, or for the set `projects` the client id or public key */
  statistics(set: EndpointSet, scope: string): BucketStatistics;
  /** Takes requests out of a bucket, like another user of the same project. */
  drain(set: EndpointSet, scope: string, requests: number): void;
  /** Takes everything, and all refill until an instant (ms since 1970), like another user. */
  hog(set: EndpointSet, scope: string, until: number): void;
  /** Fills every bucket and clears the counts. */
  reset(): void;
}

/** The server's view of the buckets. */
export interface RateLimiter extends RateLimits {
  /**
   * Counts a request.
   *
   * @returns headers for the response, whatever its status
   * @throws ApiError 429 when the bucket is empty
   */
  take(set: EndpointSet, scope: string, path: string): Record<string, string>;
}

interface Bucket extends BucketSize {
  tokens: number;
  /** The time of `tokens`, in milliseconds since 1970. */
  at: number;
  /** Until when another user takes all refill. */
  hoggedUntil: number;
  /** Until when clients must wait. */
  closedUntil: number;
  requests: number;
  throttled: number;
  early: number;
  lowestRemaining: number;
}

/** The size that stands for no limits: so large that no test empties it. A client still sees what remains. */
const UNLIMITED: BucketSize = { capacity: 1_000_000, refill: 1_000_000 };

/** @param options true for the documented sizes, false for no limits */
export function createRateLimiter(options: boolean | RateLimitOptions, clock: SimulatorClock): RateLimiter {
  const settings = typeof options === 'boolean' ? {} : options;
  const buckets = new Map<string, Bucket>();

  function bucketOf(set: EndpointSet, scope: string): Bucket {
    const key = `${set}/${scope}`;
    const bucket = buckets.get(key) ?? fullBucket(sizeOf(options, set), clock.now());
    buckets.set(key, bucket);
    refill(bucket, clock.now());
    return bucket;
  }

  return {
    take(set, scope, path) {
      const bucket = bucketOf(set, scope);
      bucket.requests += 1;
      if (clock.now() < bucket.closedUntil) bucket.early += 1;
      const served = bucket.tokens >= 1;
      if (served) {
        bucket.tokens -= 1;
        bucket.lowestRemaining = Math.min(bucket.lowestRemaining, Math.floor(bucket.tokens));
      } else {
        bucket.throttled += 1;
      }
      const headers = settings.headers === false ? {} : remainingHeaders(bucket);
      if (served) return headers;
      const wait = Math.max(1, Math.ceil(((1 - bucket.tokens) * 60) / bucket.refill));
      bucket.closedUntil = Math.max(bucket.closedUntil, clock.now() + wait * SECOND);
      throw refusal(bucket, wait, path, settings, headers);
    },
    statistics(set, scope) {
      const { tokens, requests, throttled, early, lowestRemaining } = bucketOf(set, scope);
      return { requests, throttled, early, lowestRemaining, remaining: Math.floor(tokens) };
    },
    drain(set, scope, requests) {
      const bucket = bucketOf(set, scope);
      bucket.tokens = Math.max(0, bucket.tokens - requests);
    },
    hog(set, scope, until) {
      bucketOf(set, scope).tokens = 0;
      bucketOf(set, scope).hoggedUntil = until;
    },
    reset: () => buckets.clear(),
  };
}

function sizeOf(options: boolean | RateLimitOptions, set: EndpointSet): BucketSize {
  if (options === false) return UNLIMITED;
  return (options === true ? undefined : options.sizes?.[set]) ?? ENDPOINT_SETS[set];
}

function fullBucket({ capacity, refill }: BucketSize, now: number): Bucket {
  const counts = { requests: 0, throttled: 0, early: 0, lowestRemaining: capacity };
  return {
    capacity,
    refill,
    tokens: capacity,
    at: now,
    hoggedUntil: -Infinity,
    closedUntil: -Infinity,
    ...counts,
  };
}

/** Refills the bucket steadily. Adds nothing when the clock was set back. */
function refill(bucket: Bucket, now: number): void {
  const gained = (Math.max(0, now - Math.max(bucket.at, bucket.hoggedUntil)) * bucket.refill) / MINUTE;
  bucket.tokens = Math.min(bucket.capacity, bucket.tokens + gained);
  bucket.at = now;
}

function remainingHeaders({ capacity, tokens }: Bucket): Record<string, string> {
  return { 'RateLimit-Limit': String(capacity), 'RateLimit-Remaining': String(Math.floor(tokens)) };
}

function refusal(
  { capacity, refill }: BucketSize,
  wait: number,
  path: string,
  { retryAfter = true, legacyBody = false }: RateLimitOptions,
  headers: Record<string, string>,
): ApiError {
  const resource = path.replace(/^\//, '');
  const all = retryAfter ? { ...headers, 'Retry-After': String(wait) } : headers;
  if (legacyBody) {
    const detail = `Resource ${path} is limited to ${capacity} requests every 1 minutes.`;
    return new ApiError(429, 'RATE_LIMITED', detail, [path, capacity, 1], all);
  }
  const detail =
    `Rate limit exceeded for ${resource}. Please retry after ${wait} seconds. ` +
    `Request capacity: ${capacity}. Refill rate: ${refill} per 60 seconds.`;
  return new ApiError(429, 'RATE_LIMITED_TOKEN_BUCKET', detail, [resource, wait, capacity, refill, 60], all);
}
