import { describe, expect, test } from 'vitest';
import { checkPeriod, parsePeriod } from '../../../../cli/backfill/period.ts';
import { datasets } from '../../../../functions/datasets.ts';
import { DAY, HOUR } from '../../../../shared/durations.ts';
import { subjectOf } from '../../../../shared/ids.ts';
import { T } from '../../../support/times.ts';
import { PROJECT } from '../../../support/written-rows.ts';

const limits = { now: T, retention: null, expiresAfterDays: null };

test('days and times are UTC, and the end is not part of the period', () => {
  expect(parsePeriod({ from: '2026-03-01', to: '2026-03-02T12:00' })).toEqual({ from: T - 36 * HOUR, to: T });
});

describe('a period is refused', () => {
  test.each([
    [
      'that is not a time',
      () => parsePeriod({ from: '1.3.2026', to: '2026-03-02' }),
      '--from "1.3.2026" is not an ISO 8601 time',
    ],
    [
      'that ends before it begins',
      () => parsePeriod({ from: '2026-03-02', to: '2026-03-02' }),
      '--from 2026-03-02 is not before --to',
    ],
    [
      'that begins before Atlas existed',
      () => parsePeriod({ from: '1026-03-01', to: '2026-03-02' }),
      '--from 1026-03-01 is before Atlas existed: choose 2016-06-01 or later',
    ],
    [
      'that ends in the future',
      () => checkPeriod({ from: T, to: T + HOUR }, limits),
      "is later than Atlas's clock",
    ],
    [
      'that Atlas has dropped as a whole',
      () => checkPeriod({ from: T - 9 * DAY, to: T - 8 * DAY }, { ...limits, retention: 7 * DAY }),
      'Atlas keeps this dataset for 7 days: nothing from before 2026-02-23T12:00:00.000Z can be read',
    ],
    [
      'of which the bucket has deleted objects',
      () => checkPeriod({ from: T - 31 * DAY, to: T }, { ...limits, expiresAfterDays: 30 }),
      "the bucket deletes the dataset's objects after 30 days",
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});

test.each(datasets)('$name can be read again, or says why not', (dataset) => {
  const subject = subjectOf(dataset.subjects?.[0] ?? 'project', PROJECT);
  if (!subject) throw new Error('not an id');
  const isRepeatable = dataset.withCollector(
    dataset.defaults,
    subject,
    ({ rereading }) => rereading !== undefined,
  );
  expect(isRepeatable).toBe(dataset.notRepeatable === undefined);
});
