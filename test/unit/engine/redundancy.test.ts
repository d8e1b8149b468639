import { describe, expect, test } from 'vitest';
import type { Header } from '../../../shared/cursors/header.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import { isRedundant, type RequestedRun } from '../../../shared/engine/redundancy.ts';
import { type LastRun, parseRunStatistics } from '../../../shared/engine/run-statistics.ts';
import { T } from '../../support/times.ts';

const NOW = T + 90 * MINUTE;

/** A run of the tick T that began an hour late. */
const STARTED = T + 60 * MINUTE;

const LAST: LastRun = {
  tick: T,
  is_first: true,
  started_at: STARTED,
  finished_at: STARTED + 10 * SECOND,
  outcome: 'complete',
  targets: 3,
  failed_targets: 0,
  lag_seconds: 0,
};

const CLOCK = { now: NOW, longestWait: 150 * MINUTE };

function header(last: Partial<LastRun> | null = {}, change: Partial<Header> = {}): Header {
  return {
    sequence: 7,
    writtenBy: 'run',
    holder: null,
    leaseUntil: 0,
    stateVersion: 1,
    batch: 5,
    isBehind: false,
    pending: null,
    statistics: { ...parseRunStatistics(null), last_run: last && { ...LAST, ...last } },
    ...change,
  };
}

function message(minutes: number, change: Partial<RequestedRun> = {}): RequestedRun {
  return { tick: T + minutes * MINUTE, continuation: 0, unlistedSince: null, ...change };
}

test('a message is redundant if the last run began at its tick or later', () => {
  expect(isRedundant(message(20), header(), CLOCK)).toBe(true);
  expect(isRedundant(message(60), header(), CLOCK)).toBe(true);
  expect(isRedundant(message(61), header(), CLOCK)).toBe(false);
});

test('a message that comes again after its own run is not redundant', () => {
  expect(isRedundant(message(0), header(), CLOCK)).toBe(false);
});

test('a continuation is redundant after a complete run of a later tick', () => {
  const later = header({ tick: T + 20 * MINUTE });
  expect(isRedundant(message(0, { continuation: 1 }), later, CLOCK)).toBe(true);
});

describe('a message needs a run', () => {
  test.each<[string, Header | undefined]>([
    ['before the first run', undefined],
    ['while no run has ended', header(null)],
    ['after a run that read nothing', header({ outcome: 'failed' })],
    ['after a continuation, which did not read everything again', header({ is_first: false })],
    ['while a run is active, or died', header({}, { holder: 'another', leaseUntil: NOW })],
    [
      'while a batch of a dead run waits for its end',
      header({}, { pending: { batch: 6, objects: [{ key: 'k', sha256: 's' }] } }),
    ],
    ['while a restored table catches up', header({}, { isBehind: true })],
    ['after a run with a clock that was ahead', header({ started_at: NOW + 1 })],
    ['after a run whose start is too late for its tick', header({ tick: STARTED - 151 * MINUTE })],
    ['if a later version has other statistics', header({}, { statistics: { form: 'unknown' } })],
    ['if an earlier version wrote the last run', header({}, { statistics: withoutFirst() })],
  ])('%s', (_when, seen) => {
    expect(isRedundant(message(20), seen, CLOCK)).toBe(false);
  });

  test('if it says that Atlas no longer lists the project', () => {
    expect(isRedundant(message(20, { unlistedSince: T }), header(), CLOCK)).toBe(false);
  });
});

describe.each(['partial', 'continued'] as const)('after a run that is %s', (outcome) => {
  const seen = header({ outcome });

  test('its own message is not redundant, because it may have died before it sent its continuation', () => {
    expect(isRedundant(message(0), seen, CLOCK)).toBe(false);
  });

  test('its continuation is not redundant', () => {
    expect(isRedundant(message(0, { continuation: 1 }), seen, CLOCK)).toBe(false);
  });

  test('the message of another tick is redundant, because the continuation does the rest', () => {
    expect(isRedundant(message(20), seen, CLOCK)).toBe(true);
    expect(isRedundant(message(61), seen, CLOCK)).toBe(false);
  });
});

/** Returns statistics as version 0.1.0 stored them. */
function withoutFirst() {
  const { is_first: _, ...last } = LAST;
  return { ...parseRunStatistics(null), last_run: last };
}
