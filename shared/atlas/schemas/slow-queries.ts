import * as z from 'zod';
import { parseInstant } from '../../instant.ts';
import type { SlowQuery, SlowQueryHistory, SlowQueryMetrics } from '../api.ts';
import type { ListRemarks } from '../items.ts';
import { listOrNull } from './fields.ts';

/** The time at the start of a structured line. Lines that are cut off still have it. */
const STRUCTURED = /^\s*\{\s*"t"\s*:\s*\{\s*"\$date"\s*:\s*"([^"]{1,50})"/;

/** The time at the start of a line in plain text, which hosts wrote before MongoDB 4.4. */
const PLAIN = /^(\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:?\d\d))\s/;

/** Returns the time of a line in ms; undefined if it has none. Atlas gives no time beside the line. */
function timeOfLine(line: string): number | undefined {
  return parseInstant((STRUCTURED.exec(line) ?? PLAIN.exec(line))?.[1]);
}

/**
 * Reads the lines of a response. Checks by hand, because a response has up to 20,000 lines. A line without a time is
 * identified by its length and by what Atlas gives beside it, so that nothing of its text is kept.
 */
export function readSlowQueries(list: readonly unknown[], remarks: ListRemarks): SlowQueryHistory {
  const entries: SlowQuery[] = [];
  /** The number of entries before each unreadable one. */
  const unreadable: { before: number; identity: string }[] = [];
  for (const [index, item] of list.entries()) {
    const given: Record<string, unknown> = Object(item);
    const { line } = given;
    const time = typeof line === 'string' ? timeOfLine(line) : undefined;
    const { texts, metrics } = fieldsOf(given, index, remarks);
    if (typeof line !== 'string' || time === undefined) {
      remarks.skipped({ path: [index, 'line'], expected: 'expected a log line with a time' });
      const length = typeof line === 'string' ? line.length : null;
      unreadable.push({ before: entries.length, identity: JSON.stringify([length, texts, metrics]) });
      continue;
    }
    entries.push({ time, line: line.toWellFormed(), ...texts, metrics });
  }
  return {
    entries,
    given: list.length,
    unreadable: unreadable.map(({ before, identity }) => ({
      neighbours: [entries[before - 1]?.time ?? null, entries[before]?.time ?? null],
      identity,
    })),
  };
}

function fieldsOf(given: Record<string, unknown>, index: number, remarks: ListRemarks) {
  const counted: Record<string, unknown> = Object(given['metrics'] ?? {});
  const text = (field: string) => {
    const value = given[field] ?? null;
    if (value === null || typeof value === 'string') return value?.toWellFormed() ?? null;
    remarks.readAsNull({ path: [index, field], expected: 'expected string or null' });
    return null;
  };
  const number = (field: keyof SlowQueryMetrics) => {
    const value = counted[field] ?? null;
    if (value === null || (typeof value === 'number' && Number.isSafeInteger(value))) return value;
    remarks.readAsNull({ path: [index, 'metrics', field], expected: 'expected whole number or null' });
    return null;
  };
  const flag = (field: keyof SlowQueryMetrics) => {
    const value = counted[field] ?? null;
    if (value === null || typeof value === 'boolean') return value;
    remarks.readAsNull({ path: [index, 'metrics', field], expected: 'expected boolean or null' });
    return null;
  };
  const metrics: SlowQueryMetrics = {
    docsExamined: number('docsExamined'),
    docsReturned: number('docsReturned'),
    keysExamined: number('keysExamined'),
    fromUserConnection: flag('fromUserConnection'),
    operationExecutionTime: number('operationExecutionTime'),
    responseLength: number('responseLength'),
  };
  const texts = {
    namespace: text('namespace'),
    opType: text('opType'),
    replicaState: text('replicaState'),
  };
  return { texts, metrics };
}

/** The response. An empty one has an empty list or null; one without the field is invalid. */
export const slowQueries: z.ZodType<unknown[]> = z
  .object({ slowQueries: listOrNull })
  .transform((document) => document.slowQueries);
