import { describe, expect, it } from 'vitest';
import { rateLimitReport } from '../../../shared/atlas/rate-limit/headers.ts';
import { HOUR, MINUTE } from '../../../shared/durations.ts';

const report = (status: number, headers: Record<string, string | string[]> = {}, text = '{}') =>
  rateLimitReport({ status, headers, text });

const BUCKET_BODY = JSON.stringify({
  error: 429,
  errorCode: 'RATE_LIMITED_TOKEN_BUCKET',
  parameters: ['api/atlas/v2/groups', 55, 300, 100, 60],
});

describe('rateLimitReport', () => {
  it('reads limit and remaining', () => {
    expect(report(200, { 'ratelimit-limit': '300', 'ratelimit-remaining': '0' })).toEqual({
      limit: 300,
      remaining: 0,
      pause: undefined,
      exhausted: false,
      counted: true,
    });
  });

  it.each([[''], ['-1'], ['1e3'], ['12 '], ['99999999999999']])('ignores the remaining %j', (header) => {
    expect(report(200, { 'ratelimit-remaining': header }).remaining).toBeUndefined();
  });

  it.each([
    ['the time in Retry-After, not in the body', { 'retry-after': '7' }, BUCKET_BODY, 7_000],
    ['the time in the body without a header', {}, BUCKET_BODY, 55_000],
    ['a minute after the older error', {}, '{"errorCode":"RATE_LIMITED","parameters":["/x",10,1]}', MINUTE],
    ['a minute if the header is a date', { 'retry-after': 'Mon, 10 Aug 2026 03:20:57 GMT' }, '', MINUTE],
    ['no time if Atlas says so', { 'retry-after': '0' }, '', 0],
  ])('pauses after a 429 for %s', (_what, headers, text, pause) => {
    expect(report(429, headers, text)).toMatchObject({ pause, exhausted: true });
  });

  it('pauses after a 503 only with Retry-After', () => {
    expect(report(503, { 'retry-after': '30' })).toMatchObject({ pause: 30_000, exhausted: false });
    expect(report(503).pause).toBeUndefined();
    expect(report(500, { 'retry-after': '30' }).pause).toBeUndefined();
  });

  it('pauses for at most an hour, whatever the response says', () => {
    const absurd = (seconds: string) =>
      `{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/x",${seconds},300,100,60]}`;
    expect(report(429, { 'retry-after': '999999999' }).pause).toBe(HOUR);
    expect(report(503, { 'retry-after': '999999999' }).pause).toBe(HOUR);
    for (const seconds of ['1e300', '1e999', '99999999999']) {
      expect(report(429, {}, absurd(seconds)).pause).toBe(HOUR);
    }
  });

  it('learns nothing about the bucket from a gateway or the authentication', () => {
    expect(report(401).counted).toBe(false);
    expect(report(502).counted).toBe(false);
    expect(report(404).counted).toBe(true);
    expect(report(500, { 'ratelimit-remaining': '3' }).counted).toBe(true);
  });
});
