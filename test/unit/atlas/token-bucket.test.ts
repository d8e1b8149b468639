import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../shared/atlas/rate-limit/bucket.ts';
import type { RateLimitReport } from '../../../shared/atlas/rate-limit/headers.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';

const MONITORING = { size: { capacity: 300, refill: 100 }, shared: true };
/** A fifth of 300, plus the margin of 3. */
const FLOOR = 63;
const NOW = 1_000_000;
/** Milliseconds for one request at 98 % of 100 in 60 s. */
const ONE = 612.25;

function remaining(count: number, limit = 300): RateLimitReport {
  return { limit, remaining: count, pause: undefined, exhausted: false, counted: true };
}

const SILENT: RateLimitReport = {
  limit: undefined,
  remaining: undefined,
  pause: undefined,
  exhausted: false,
  counted: true,
};

/** Returns a bucket after one response with this number. */
function bucketAt(count: number, limit?: number): TokenBucket {
  const bucket = new TokenBucket(MONITORING, 0.2, NOW);
  bucket.end(bucket.send(NOW), remaining(count, limit), NOW);
  return bucket;
}

/** Returns how many requests can be sent immediately. */
function allowance(bucket: TokenBucket, now = NOW): number {
  let count = 0;
  while (count < 20_000 && bucket.waitFor(count + 1, now) === 0) count += 1;
  return count;
}

describe('TokenBucket', () => {
  it('starts with the documented size, minus the reserve and the margin', () => {
    expect(allowance(new TokenBucket(MONITORING, 0.2, NOW))).toBe(300 - FLOOR);
    expect(allowance(new TokenBucket(MONITORING, 0, NOW))).toBe(297);
    expect(allowance(new TokenBucket({ size: { capacity: 10, refill: 10 }, shared: true }, 0.2, NOW))).toBe(
      6,
    );
  });

  it('does not accept a limit whose reserve would take years to fill', () => {
    const bucket = bucketAt(299, 999_999_999);
    expect(bucket.waitFor(1, NOW)).toBeLessThan(HOUR);
  });

  it("accepts the server's numbers", () => {
    expect(allowance(bucketAt(100))).toBe(100 - FLOOR);
    expect(allowance(bucketAt(299))).toBe(299 - FLOOR);
    expect(allowance(bucketAt(599, 600))).toBe(599 - 126);
  });

  it('refills slightly slower than documented, up to the limit', () => {
    const bucket = bucketAt(FLOOR);
    expect(bucket.waitFor(1, NOW)).toBe(Math.ceil(ONE));
    expect(bucket.waitFor(10, NOW)).toBe(Math.ceil(10 * ONE));
    expect(bucket.waitFor(1, NOW + 613)).toBe(0);
    expect(allowance(bucket, NOW + MINUTE)).toBe(98);
    expect(allowance(bucket, NOW + HOUR)).toBe(300 - FLOOR);
  });

  it('refills proportionally slower with a smaller limit', () => {
    // With a limit of 150, the reserve is 30 and the margin 2.
    const bucket = bucketAt(32, 150);
    expect(bucket.waitFor(1, NOW)).toBe(Math.ceil(2 * ONE));
  });

  it('always allows one request of a full bucket, however small', () => {
    const bucket = new TokenBucket({ size: { capacity: 2, refill: 1 }, shared: true }, 0.9, NOW);
    expect(allowance(bucket)).toBe(1);
  });

  it('uses all of a bucket that is not shared', () => {
    const bucket = new TokenBucket({ size: { capacity: 10, refill: 10 }, shared: false }, 0.2, NOW);
    expect(allowance(bucket)).toBe(10);
  });

  it('counts requests in flight as spent', () => {
    const bucket = new TokenBucket(MONITORING, 0.2, NOW);
    const first = bucket.send(NOW);
    for (let count = 0; count < 5; count += 1) bucket.send(NOW);
    bucket.end(first, remaining(200), NOW);
    expect(allowance(bucket)).toBe(195 - FLOOR);
  });

  it('ignores a response that arrives after a later one', () => {
    const bucket = new TokenBucket(MONITORING, 0.2, NOW);
    const [first, second] = [bucket.send(NOW), bucket.send(NOW)];
    bucket.end(second, remaining(98), NOW);
    bucket.end(first, remaining(299), NOW);
    expect(allowance(bucket)).toBe(97 - FLOOR);
  });

  it('pauses for some seconds if less remains than expected, but enough to check without a refill', () => {
    const bucket = bucketAt(FLOOR - 1);
    expect(bucket.waitFor(1, NOW)).toBe(5_000);
  });

  it('pauses until the refill must have come, continuous or at once, if others used the reserve', () => {
    expect(bucketAt(60).waitFor(1, NOW)).toBe(MINUTE);
    expect(bucketAt(0).waitFor(1, NOW)).toBe(MINUTE);
    // 600 are missing, at 100 a minute.
    const large = new TokenBucket({ size: { capacity: 3_000, refill: 100 }, shared: true }, 0.2, NOW);
    large.end(large.send(NOW), remaining(0, 3_000), NOW);
    expect(large.waitFor(1, NOW)).toBe(7 * MINUTE);
  });

  it('stays closed for as long as Atlas says, and counts as empty after a 429', () => {
    const refused = { ...SILENT, exhausted: true };
    const long = new TokenBucket(MONITORING, 0.2, NOW);
    long.end(long.send(NOW), { ...refused, pause: 90_000 }, NOW);
    expect(long.waitFor(1, NOW + 1_000)).toBe(89_000);
    const short = new TokenBucket(MONITORING, 0.2, NOW);
    short.end(short.send(NOW), { ...refused, pause: 1_000 }, NOW);
    expect(short.waitFor(1, NOW)).toBe(Math.ceil((FLOOR + 1) * ONE));
  });

  it('stays closed after a 503 with Retry-After, but does not count as empty', () => {
    const bucket = bucketAt(200);
    bucket.end(bucket.send(NOW), { ...SILENT, pause: 7_000, counted: false }, NOW);
    expect(bucket.waitFor(1, NOW)).toBe(7_000);
    expect(allowance(bucket, NOW + 7_000)).toBeGreaterThan(200 - FLOOR);
  });

  it('sends one request first without a recent response, but waits for it only for a limited time', () => {
    const bucket = new TokenBucket(MONITORING, 0.2, NOW);
    expect(bucket.waitForFirst(NOW)).toBe(0);
    const ahead = bucket.send(NOW);
    expect(bucket.waitForFirst(NOW)).toBe(2_000);
    expect(bucket.waitForFirst(NOW + 2_000)).toBe(0);
    bucket.end(ahead, remaining(299), NOW);
    bucket.send(NOW);
    expect(bucket.waitForFirst(NOW)).toBe(0);
    expect(bucket.waitForFirst(NOW + MINUTE)).toBe(0);
    bucket.send(NOW + MINUTE);
    expect(bucket.waitForFirst(NOW + MINUTE)).toBe(2_000);
  });

  it('learns nothing from a request without a response', () => {
    const bucket = new TokenBucket(MONITORING, 0.2, NOW);
    bucket.end(bucket.send(NOW), undefined, NOW);
    expect(allowance(bucket)).toBe(299 - FLOOR);
    bucket.send(NOW);
    expect(bucket.waitForFirst(NOW)).toBe(2_000);
  });

  it('continues to refill after its clock was set back', () => {
    const bucket = bucketAt(FLOOR);
    expect(bucket.waitFor(1, NOW - HOUR)).toBe(Math.ceil(ONE));
    expect(bucket.waitFor(1, NOW - 3_599_000)).toBe(0);
  });
});
