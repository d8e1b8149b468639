import { describe, expect, test } from 'vitest';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { type Cursor, newCursor } from '../../../shared/engine/cursor.ts';
import { applyListing, listingIsDue, observe } from '../../../shared/engine/listing.ts';

const start = Date.parse('2026-03-02T12:00:00Z');

function cursorWith(names: string[]): Cursor<{ watermark: number }> {
  const cursor = newCursor<{ watermark: number }>('host:27017', {});
  applyListing(cursor, wholeListing(names), start, () => ({ watermark: start }), 1);
  return cursor;
}

describe('the targets of a process', () => {
  test('are listed once an hour', () => {
    expect(listingIsDue(newCursor('host:27017', {}), start)).toBe(true);
    const cursor = cursorWith(['a']);
    expect(listingIsDue(cursor, start + HOUR - 1)).toBe(false);
    expect(listingIsDue(cursor, start + HOUR)).toBe(true);
    // A clock that was a day ahead and has been corrected since.
    expect(listingIsDue(cursor, start - DAY)).toBe(true);
  });

  test('keep their state when they are no longer listed, and continue from it when they come back', () => {
    const cursor = cursorWith(['a', 'b']);
    applyListing(cursor, wholeListing(['a']), start + HOUR, () => ({ watermark: 0 }), 1);
    expect(observe(cursor, 'listed', start + HOUR)).toBe(true);
    expect(cursor.targets.get('b')).toMatchObject({
      listed: false,
      missingSince: start + HOUR,
      missingDays: 1,
    });
    applyListing(cursor, wholeListing(['a', 'b']), start + 2 * HOUR, () => ({ watermark: 0 }), 1);
    observe(cursor, 'listed', start + 2 * HOUR);
    expect(cursor.targets.get('b')).toMatchObject({
      state: { watermark: start },
      item: 1,
      listed: true,
      missingSince: null,
      missingDays: 0,
      missingDay: null,
    });
  });

  test('count as missing when their process is not listed, whatever the last listing had', () => {
    const cursor = cursorWith(['a']);
    observe(cursor, 'unlisted', start + HOUR);
    expect(cursor.targets.get('a')).toMatchObject({ missingSince: start + HOUR, missingDays: 1 });
  });

  test('become dormant after 90 days on which runs missed them, however many runs there were', () => {
    const cursor = cursorWith(['a']);
    const isReduced = () => cursor.targets.get('a')?.state.watermark === -1;
    const miss = (at: number) => observe(cursor, 'unlisted', at, () => ({ watermark: -1 }));
    for (let day = 1; day < 90; day += 1) {
      for (let run = 0; run < 3; run += 1) miss(start + day * DAY + run * HOUR);
    }
    expect(cursor.targets.get('a')?.missingDays).toBe(89);
    // No run for a year: the next day counts once.
    expect(isReduced()).toBe(false);
    expect(miss(start + 454 * DAY)).toBe(true);
    expect(isReduced()).toBe(true);
  });

  test('keep their record forever when dormant, and cost no more writes', () => {
    const cursor = cursorWith(['a']);
    for (let day = 1; day <= 90; day += 1) observe(cursor, 'unlisted', start + day * DAY);
    expect(observe(cursor, 'unlisted', start + 91 * DAY)).toBe(false);
    applyListing(cursor, wholeListing(['a']), start + 400 * DAY, () => ({ watermark: 0 }), 1);
    observe(cursor, 'listed', start + 400 * DAY);
    expect(cursor.targets.get('a')).toMatchObject({ state: { watermark: start }, missingDays: 0 });
  });

  test('wait for data when their process has none, and are not forgotten', () => {
    const cursor = cursorWith(['a']);
    for (let day = 0; day < 120; day += 1) observe(cursor, 'without-data', start + day * DAY);
    expect(cursor.targets.get('a')).toMatchObject({ listed: true, missingSince: start, missingDays: 0 });
    expect(observe(cursor, 'listed', start + 120 * DAY)).toBe(true);
    expect(cursor.targets.get('a')).toMatchObject({ missingSince: null });
  });
});
