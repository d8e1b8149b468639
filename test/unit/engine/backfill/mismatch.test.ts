import { expect, test } from 'vitest';
import { mismatchOf } from '../../../../shared/engine/backfill/backfill-run.ts';
import { T } from '../../../support/times.ts';

const rereading = {
  mismatch: ({ watermark }: { watermark: number }) => (watermark < T ? 'too early' : null),
};
const target = (watermark: number, missingSince: number | null = null, missingDays = 0) => ({
  ...{ state: { watermark }, missingSince, missingDays },
});

test('a listed target that the configuration does not fit is a mismatch', () => {
  expect(mismatchOf([target(T), target(T - 1)], rereading)?.message).toBe('too early');
  expect(mismatchOf([target(T)], rereading)).toBeNull();
});

test('a target that has left or is dormant is no mismatch, because no run reads it again', () => {
  expect(mismatchOf([target(T - 1, T), target(T - 1, null, 90), target(T)], rereading)).toBeNull();
});
