import { afterEach, describe, expect, test } from 'vitest';
import type { EventShape } from '../../../simulator/events/rules.ts';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { settledQueries } from '../../../simulator/slow-queries.ts';
import { DAY, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

/** Starts a simulator with one process whose slow queries are as the shape says. */
async function start(slowQueries: EventShape, options: OrganisationOptions = {}, instanceSize = 'M30') {
  const cluster = { name: 'c', nodes: 1, slowQueries, instanceSize };
  const organisation = createOrganisation({ ...options, projects: [{ name: 'p', clusters: [cluster] }] });
  const [project] = organisation.projects;
  const process = project?.processes[0];
  if (!process) throw new Error('no process');
  api = await startApi({ organisation, now: T, rateLimits: false });
  const path = `/groups/${project?.id}/processes/${process.id}/performanceAdvisor/slowQueryLogs`;
  const get = async (query: string) => (await api.get(`${path}?${query}`)).document;
  const read = async (query: string) => listOf((await get(query))['slowQueries']);
  const lines = async (query: string) => (await read(query)).map(({ line }) => String(line));
  const settled = (from: number, to: number) =>
    settledQueries(organisation, process, from, to).map(({ line }) => line);
  return { get, read, lines, settled };
}

const span = (from: number, to: number) => `since=${from}&duration=${to - from}`;

describe('the slow queries', () => {
  test('are the computed ones of the span, newest first, whatever span is requested', async () => {
    const process = await start({ perHour: 3_600 });
    const [from, to] = [T - 40 * MINUTE, T - 10 * MINUTE];
    const all = process.settled(from, to);
    expect(all.length).toBeGreaterThan(500);
    expect(await process.lines(span(from, to - 1))).toEqual(all.toReversed());
    const parts = [from, from + 7 * MINUTE, from + 13 * MINUTE + 1, to].flatMap((at, index, ends) =>
      process.settled(at, ends[index + 1] ?? at),
    );
    expect(parts).toEqual(all);
  });

  test('have metrics, operation and state only on request', async () => {
    const process = await start({ perHour: 100 });
    const [plain] = await process.read(span(T - DAY, T));
    expect(Object.keys(plain ?? {})).toEqual(['line', 'namespace']);
    const include = '&includeMetrics=true&includeOpType=true&includeReplicaState=true';
    const [whole] = await process.read(span(T - DAY, T) + include);
    expect(whole).toMatchObject({
      metrics: { docsExamined: expect.any(Number), operationExecutionTime: expect.any(Number) },
      opType: expect.any(String),
      replicaState: 'PRIMARY',
    });
  });

  test('are those of the last day without a span, and of the requested namespaces', async () => {
    const process = await start({ perHour: 10 });
    expect(await process.lines('')).toEqual(await process.lines(span(T - DAY, T)));
    const [one] = await process.read('');
    const namespace = String(one?.['namespace']);
    const found = await process.read(`namespaces=${encodeURIComponent(namespace)}`);
    expect(new Set(found.map((query) => query['namespace']))).toEqual(new Set([namespace]));
  });

  test('are at most 20,000, and as many as requested', async () => {
    const burst = { from: T - 20 * MINUTE, to: T - 19 * MINUTE, perSecond: 500 };
    const process = await start({ bursts: [burst] });
    expect(await process.lines(span(burst.from, burst.to))).toHaveLength(20_000);
    expect(await process.lines(`${span(burst.from, burst.to)}&nLogs=7`)).toHaveLength(7);
    expect((await process.get('nLogs=20001'))['errorCode']).toBe('INVALID_QUERY_PARAMETER');
  });

  test('appear after seconds or minutes, and disappear', async () => {
    const process = await start({ perHour: 3_600 }, { slowQueriesRetention: DAY });
    expect((await process.lines(span(T - 2 * SECOND, T))).length).toBe(0);
    expect((await process.lines(span(T - 2 * DAY, T - DAY - 1))).length).toBe(0);
    expect((await process.lines(span(T - DAY, T - DAY + MINUTE))).length).toBeGreaterThan(0);
  });

  test('include the ends of a span, or not', async () => {
    const burst = { from: T - 20 * MINUTE, to: T - 20 * MINUTE + SECOND, perSecond: 1 };
    const process = await start(
      { bursts: [burst] },
      { slowQueryBounds: '(]', slowQueryOrder: 'oldest-first' },
    );
    expect(await process.lines(span(burst.from, burst.to))).toEqual([]);
    expect(await process.lines(span(burst.from - 1, burst.from))).toHaveLength(1);
  });

  test('are refused for tenants', async () => {
    const process = await start({ perHour: 10 }, {}, 'M5');
    expect((await process.get(''))['errorCode']).toBe('INSUFFICIENT_INSTANCE_SIZE');
  });
});
