import { fractionAt, hashAt, hashText } from '../hash.ts';
import type { Cluster, Organisation } from '../organisation/types.ts';
import { DAY, HOUR, MINUTE } from '../time.ts';
import { namespaceOf, suggestedKeys } from './names.ts';

/** A client's span; milliseconds since 1970, without the end. */
export interface AdviceSpan {
  start: number;
  end: number;
}

/** A suggested index, with the shapes of queries that it would help. */
export interface CreatedIndex {
  namespace: string;
  index: Record<string, number | string>[];
  weight: number;
  avgObjSize: number;
  shapes: { avgMs: number; count: number; inefficiencyScore: number }[];
}

/** How long after its end the queries of an hour count. */
const LATE_BY = 10 * MINUTE;

/** Queries are slow on this share of the days. */
const BUSY_DAYS = 0.6;

/** Each index helps the queries of as many shapes. */
const SHAPES = 2;

/**
 * Returns the indexes that the Performance Advisor suggests for the queries of a span, as seen at a time. Each is a sum
 * over whole hours. Every fifth index is suggested twice, the second time with less weight.
 */
export function createdIndexes(
  { adviceRetention }: Pick<Organisation, 'adviceRetention'>,
  cluster: Cluster,
  { start, end }: AdviceSpan,
  now: number,
): CreatedIndex[] {
  const from = Math.ceil(Math.max(start, now - adviceRetention) / HOUR) * HOUR;
  const to = Math.min(end, now - LATE_BY);
  const hours: number[] = [];
  for (let hour = from; hour + HOUR <= to; hour += HOUR) hours.push(hour);
  return Array.from({ length: cluster.advice.indexes }, (_, number) => number).flatMap((number) => {
    const key = hashText(`${cluster.id}/index/${number}`);
    const shapes = Array.from({ length: SHAPES }, (_, shape) => ({
      avgMs: 100 + (hashAt(key, shape) % 900),
      count: hours.reduce((sum, hour) => sum + queriesIn(key, shape, hour), 0),
      inefficiencyScore: 1 + (hashAt(~key, shape) % 5_000),
    })).filter(({ count }) => count > 0);
    if (shapes.length === 0) return [];
    const weight = shapes.reduce((sum, { avgMs, count }) => sum + avgMs * count, 0) / 1_000;
    const one = {
      namespace: namespaceOf(number),
      index: suggestedKeys(number),
      weight,
      avgObjSize: 200 + (key % 4_000),
      shapes,
    };
    return number % 5 === 0 ? [one, { ...one, weight: weight / 2, shapes: shapes.slice(1) }] : [one];
  });
}

function queriesIn(key: number, shape: number, hour: number): number {
  if (fractionAt(key, Math.floor(hour / DAY)) >= BUSY_DAYS) return 0;
  return hashAt(key ^ shape, hour / HOUR) % 40;
}
