import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../shared/durations.ts';
import { parseInstant } from '../../shared/instant.ts';

const two = (number: number) => String(number).padStart(2, '0');

/** The maximum offset of a clock in minutes, `+23:59`. */
const FURTHEST = 24 * 60 - 1;

describe('an instant', () => {
  it.each([
    ['2026-08-10T03:20:32Z', Date.UTC(2026, 7, 10, 3, 20, 32)],
    ['2026-08-10T03:20:32.123Z', Date.UTC(2026, 7, 10, 3, 20, 32, 123)],
    ['2026-08-10T03:20:32.5Z', Date.UTC(2026, 7, 10, 3, 20, 32, 500)],
    ['2026-08-10T03:20:32.1239999+00:00', Date.UTC(2026, 7, 10, 3, 20, 32, 123)],
    ['2026-08-10T05:20:32+02:00', Date.UTC(2026, 7, 10, 3, 20, 32)],
    ['2026-01-01T00:00:00+00:01', Date.UTC(2025, 11, 31, 23, 59)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['1969-12-31T23:59:59.999Z', -1],
    ['2026-08-10 03:20:32Z', Date.UTC(2026, 7, 10, 3, 20, 32)],
    ['2026-08-10T03:20:32+0000', Date.UTC(2026, 7, 10, 3, 20, 32)],
    ['2026-08-10T03:20:32.123-0130', Date.UTC(2026, 7, 10, 4, 50, 32, 123)],
    ['2026-08-10 03:20:32 UTC', Date.UTC(2026, 7, 10, 3, 20, 32)],
    ['2026-08-10T03:20:32GMT', Date.UTC(2026, 7, 10, 3, 20, 32)],
    ['2026-08-10T03:20Z', Date.UTC(2026, 7, 10, 3, 20)],
    ['2026-08-10T05:20+02:00', Date.UTC(2026, 7, 10, 3, 20)],
    ['2026-08-10T03:20:32Z[UTC]', Date.UTC(2026, 7, 10, 3, 20, 32)],
    ['2026-08-10T05:20+02:00[Europe/Paris]', Date.UTC(2026, 7, 10, 3, 20)],
    [
      '2026-08-10T00:20:32.123456789-03:00[America/Argentina/Buenos_Aires]',
      Date.UTC(2026, 7, 10, 3, 20, 32, 123),
    ],
    ['Mon Mar 09 03:28:20 GMT 2026', Date.UTC(2026, 2, 9, 3, 28, 20)],
    ['Mon Mar 09 03:28:20 UTC 2026', Date.UTC(2026, 2, 9, 3, 28, 20)],
    ['Mon Mar 09 03:28:20 +0000 2026', Date.UTC(2026, 2, 9, 3, 28, 20)],
    ['Mon, 09 Mar 2026 03:28:20 GMT', Date.UTC(2026, 2, 9, 3, 28, 20)],
  ])('is read from %s', (text, time) => {
    expect(parseInstant(text)).toBe(time);
  });

  it.each([
    ['2026-08-10'],
    ['2026-08-10T03:20:32'],
    ['2026-08-10T03Z'],
    ['2026-08-10T03:20'],
    ['2026-08-10T03:60Z'],
    ['2026-08-10T03:20:Z'],
    ['2026-08-10T03:20.5Z'],
    ['2026-08-10T03:20:32[UTC]'],
    ['2026-08-10T03:20:32Z[]'],
    ['2026-08-10T03:20:32.Z'],
    ['2026-08-10T03:20:32Z\n'],
    ['Mon Foo 09 03:28:20 GMT 2026'],
    ['Mon Feb 30 03:28:20 GMT 2026'],
    ['Mon Mar 09 03:28:20 CET 2026'],
    ['2026-08-10T03:20:32 LOCAL'],
    ['2026-02-30T00:00:00Z'],
    ['2027-02-29T00:00:00Z'],
    ['2026-06-31T00:00:00Z'],
    ['2026-00-01T00:00:00Z'],
    ['2026-13-01T00:00:00Z'],
    ['2026-01-00T00:00:00Z'],
    ['2026-01-32T00:00:00Z'],
    ['2026-01-01T24:00:00Z'],
    ['2026-01-01T00:60:00Z'],
    ['2026-01-01T00:00:60Z'],
    ['2026-01-01T00:00:00+24:00'],
    ['0050-01-01T00:00:00Z'],
    ['yesterday'],
    [''],
    [1_767_225_600_000],
    [null],
  ])('is not read from %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('equals the sum of the parts of the text', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('1000-01-02T00:00:00Z'),
          max: new Date('9999-12-30T00:00:00Z'),
          noInvalidDate: true,
        }),
        fc.integer({ min: -FURTHEST, max: FURTHEST }),
        fc.constantFrom<[string, number]>(
          ['', 0],
          ['.7', 700],
          ['.07', 70],
          ['.007', 7],
          ['.123456789', 123],
        ),
        (date, ahead, [fraction, milliseconds]) => {
          const second = Math.floor(date.getTime() / 1_000) * 1_000;
          const there = new Date(second + ahead * MINUTE).toISOString().slice(0, 19);
          const minutes = Math.abs(ahead);
          const zone = `${ahead < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
          expect(parseInstant(there + fraction + zone)).toBe(second + milliseconds);
        },
      ),
    );
  });
});
