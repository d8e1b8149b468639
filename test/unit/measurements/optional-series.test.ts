import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../shared/durations.ts';
import { resolutionOf } from '../../../shared/measurements/granularity.ts';
import { isResting, orEmpty, withRest } from '../../../shared/measurements/optional-series.ts';
import { newSeries, type SeriesState, withSpan } from '../../../shared/measurements/series-state.ts';
import { T } from '../../support/times.ts';

const REST = 4 * HOUR;
const SETTLE = 10 * MINUTE;
const LACKS = new Error('no such series');
const optional = { restMs: REST, isLacking: (error: unknown) => error === LACKS, note: '' };
const time = { tick: T, now: T };

/** Returns a target that was read up to some time before what is settled, with a last value as long before that. */
function targetOf({ behind, quietFor }: { behind: number; quietFor: number | null }) {
  const position = T - SETTLE - behind;
  const series = withSpan(newSeries(resolutionOf('PT1M'), T - 9 * HOUR), 0, { position });
  const values = quietFor === null ? null : { first: T - 9 * HOUR, last: position - quietFor };
  return { state: { ...series, values }, missingSince: null };
}

test.each([
  { behind: HOUR, quietFor: null, rests: true },
  { behind: HOUR, quietFor: REST, rests: true },
  { behind: HOUR, quietFor: REST - MINUTE, rests: false },
  { behind: REST - MINUTE, quietFor: null, rests: true },
  { behind: REST, quietFor: null, rests: false },
])('a target with values $quietFor ms before its position, $behind ms behind, rests: $rests', (one) => {
  expect(isResting(targetOf(one), SETTLE, optional, time)).toBe(one.rests);
});

test('a target that is missing does not rest', () => {
  const target = { ...targetOf({ behind: HOUR, quietFor: null }), missingSince: T - HOUR };
  expect(isResting(target, SETTLE, optional, time)).toBe(false);
});

test('a target that has not been read yet does not rest', () => {
  const state = newSeries(resolutionOf('PT1M'), T - HOUR);
  expect(isResting({ state, missingSince: null }, SETTLE, optional, time)).toBe(false);
});

test('only a target without recent values may be behind, and only if its dataset allows it', () => {
  const restOf = (quietFor: number) => withRest(targetOf({ behind: HOUR, quietFor }).state, optional).restMs;
  expect([restOf(REST), restOf(MINUTE)]).toEqual([REST, 0]);
  expect(withRest(newSeries(resolutionOf('PT1M'), T), undefined).restMs).toBeUndefined();
});

test('a refusal counts as a response without values only if the target never had values', async () => {
  const values: SeriesState['values'] = { first: T, last: T };
  const refuse = (error: Error) => () => Promise.reject(error);
  expect(await orEmpty({ values: null }, optional, refuse(LACKS))(null)).toEqual([]);
  await expect(orEmpty({ values }, optional, refuse(LACKS))(null)).rejects.toBe(LACKS);
  const other = new Error('another one');
  await expect(orEmpty({ values: null }, optional, refuse(other))(null)).rejects.toBe(other);
});
