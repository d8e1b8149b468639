import { type Granularity, isGranularity } from '../series/granularity.ts';
import type { Measurement } from '../series/measurements.ts';
import type { Window } from '../series/window.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';
import { ApiError, unexpectedError } from './api-error.ts';

const MOST_NAMES = 10;

/** Both ends are inclusive; milliseconds since 1970. */
export interface Span {
  start: number;
  end: number;
}

/**
 * Returns the window of a query.
 *
 * @param now milliseconds since 1970, where a `period` ends
 * @throws ApiError 400, with Atlas's code for each mistake
 */
export function windowOf(query: URLSearchParams, now: number): Window {
  return { granularity: granularityOf(query.get('granularity')), ...spanOf(query, now) };
}

/**
 * Returns the span of a query, both ends inclusive; milliseconds since 1970.
 *
 * @param now milliseconds since 1970, where a `period` ends
 * @throws ApiError 400, with Atlas's code for each mistake
 */
export function spanOf(query: URLSearchParams, now: number): Span {
  const [period, start, end] = [query.get('period'), query.get('start'), query.get('end')];
  if (period !== null) {
    if (start !== null || end !== null) {
      throw badRequest('MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS', 'period excludes start and end.', 'period');
    }
    return { start: now - duration(period), end: now };
  }
  const span = { start: instantOf('start', start), end: instantOf('end', end) };
  if (span.start > span.end) {
    throw badRequest('START_DATE_AFTER_END_DATE', 'The start date is after the end date.', 'start');
  }
  return span;
}

/**
 * Returns the measurements that the `m` parameters name; all if there are none.
 *
 * @throws ApiError 400 for an unknown name, or too many
 */
export function measurementsOf(query: URLSearchParams, all: readonly Measurement[]): readonly Measurement[] {
  const names = query.getAll('m');
  const wanted = named(names, all);
  if (names.length > MOST_NAMES) {
    throw badRequest('INVALID_QUERY_PARAMETER', `m takes at most ${MOST_NAMES} names.`, 'm');
  }
  return wanted;
}

/**
 * Returns the named measurements; all if no name is given.
 *
 * @throws ApiError 400 for an unknown name
 */
export function named<Kind extends { name: string }>(
  names: readonly string[],
  all: readonly Kind[],
): readonly Kind[] {
  if (names.length === 0) return all;
  const unknown = names.find((name) => !all.some((measurement) => measurement.name === name));
  if (unknown !== undefined) {
    throw badRequest('INVALID_METRIC_NAME', `There is no measurement ${unknown}.`, unknown);
  }
  return all.filter(({ name }) => names.includes(name));
}

function granularityOf(text: string | null): Granularity {
  if (text !== null && isGranularity(text)) return text;
  // Only projects with an M40 or larger have it; elsewhere it was observed to fail.
  if (text === 'PT10S') throw unexpectedError();
  throw badRequest(
    'INVALID_GRANULARITY',
    `${text ?? 'No granularity'} is not a valid granularity.`,
    text ?? '',
  );
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}([.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

function instantOf(name: string, text: string | null): number {
  if (text === null) throw badRequest('MISSING_QUERY_PARAMETER', `${name} is missing.`, name);
  const match = INSTANT.exec(text);
  if (match?.[1] !== undefined) {
    throw badRequest('FRACTIONAL_TIMESTAMP', `${name} must be a whole number of seconds.`, name);
  }
  const instant = Date.parse(text);
  if (match === null || Number.isNaN(instant)) {
    throw badRequest('INVALID_QUERY_PARAMETER', `${name} is not a date and time.`, name);
  }
  return instant;
}

const PERIOD = /^P(?=.)(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/;

/** Parses an ISO 8601 duration into milliseconds. Rejects years and months, which have no fixed length. */
function duration(text: string): number {
  const match = PERIOD.exec(text);
  if (match === null) throw badRequest('INVALID_PERIOD', `${text} is not a valid period.`, text);
  const spans = [7 * DAY, DAY, HOUR, MINUTE, SECOND];
  return spans.reduce((total, span, index) => total + span * Number(match[index + 1] ?? 0), 0);
}

/** Returns Atlas's 400 for an invalid parameter. */
export function badRequest(code: string, detail: string, parameter: string): ApiError {
  return new ApiError(400, code, detail, [parameter]);
}
