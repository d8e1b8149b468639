import { fieldName } from './shape.ts';

/** The stages that MongoDB writes into plan summaries (its source: `getStageTypeString`). */
const STAGES = new Set([
  ...['AND_HASH', 'AND_SORTED', 'BATCHED_DELETE', 'CACHED_PLAN', 'CLUSTERED_IXSCAN', 'COLLSCAN'],
  ...['COUNT', 'COUNT_SCAN', 'DELETE', 'DISTINCT_SCAN', 'EOF', 'EXPRESS', 'EXPRESS_CLUSTERED_IXSCAN'],
  ...['EXPRESS_DELETE', 'EXPRESS_IXSCAN', 'EXPRESS_UPDATE', 'FETCH', 'GEO_NEAR_2D', 'GEO_NEAR_2DSPHERE'],
  ...['IDHACK', 'IXSCAN', 'LIMIT', 'MERGE', 'MULTI_ITERATOR', 'MULTI_PLAN', 'OR', 'PROJECTION'],
  ...['QUEUED_DATA', 'RECORD_STORE_FAST_COUNT', 'RETURN_KEY', 'SAMPLE_FROM_TIMESERIES_BUCKET', 'SHARD_MERGE'],
  ...['SHARDING_FILTER', 'SKIP', 'SORT', 'SORT_MERGE', 'SPOOL', 'SUBPLAN', 'TEXT', 'TEXT_MATCH', 'TEXT_OR'],
  ...['TIMESERIES_MODIFY', 'TRIAL', 'UNPACK_TS_BUCKET', 'UPDATE', 'VIRTUAL_SCAN'],
]);

/** The values of an index's keys. */
const KEY_VALUES = new Set(['1', '-1', '"2d"', '"2dsphere"', '"hashed"', '"text"', '"columnstore"']);

/** A stage and the keys of its index. */
const PART = /([A-Z0-9_]{2,40})(?: (\{[^{}]*\}))?(?:, ?|$)/y;

/**
 * Returns a plan summary such as `IXSCAN { status: 1, ts: -1 }` from known stages and names of fields only. Ends with
 * `?` where the text is something else.
 */
export function planOf(summary: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < summary.length) {
    PART.lastIndex = at;
    const [whole, stage = '', keys] = PART.exec(summary) ?? [];
    if (whole === undefined || !STAGES.has(stage)) return [...parts, '?'].join(', ');
    parts.push(keys === undefined ? stage : `${stage} ${keysOf(keys)}`);
    at += whole.length;
  }
  return parts.join(', ');
}

function keysOf(text: string): string {
  const keys = text
    .slice(1, -1)
    .split(',')
    .map((key) => {
      const [name = '', value = ''] = key.split(/:(?=[^:]*$)/).map((part) => part.trim());
      const known = name === '$**' || name.endsWith('.$**') ? wildcardName(name) : fieldName(name);
      return `${known}: ${KEY_VALUES.has(value) ? value : '?'}`;
    });
  return `{ ${keys.join(', ')} }`;
}

function wildcardName(name: string): string {
  const path = name.slice(0, -'.$**'.length);
  return name === '$**' ? name : `${fieldName(path)}.$**`;
}
