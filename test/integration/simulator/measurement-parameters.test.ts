import { afterEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';
import { DISK, iso, organisation, pathOf } from './measurement-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

const start = async (now: number) => {
  api = await startApi({ organisation, now, rateLimits: false });
};

describe('the measurement endpoints', () => {
  const refuse = async (query: string) => api.refusal(`${pathOf(DISK)}?${query}`);
  const span = `start=${iso(T - HOUR)}&end=${iso(T)}`;

  test.each([
    [span, 400, 'INVALID_GRANULARITY'],
    [`granularity=PT2M&${span}`, 400, 'INVALID_GRANULARITY'],
    [`granularity=PT10S&${span}`, 500, 'UNEXPECTED_ERROR'],
    ['granularity=PT1M', 400, 'MISSING_QUERY_PARAMETER'],
    [`granularity=PT1M&start=${iso(T)}`, 400, 'MISSING_QUERY_PARAMETER'],
    [`granularity=PT1M&end=${iso(T)}`, 400, 'MISSING_QUERY_PARAMETER'],
    [`granularity=PT1M&start=${iso(T)}&end=${iso(T - SECOND)}`, 400, 'START_DATE_AFTER_END_DATE'],
    [`granularity=PT1M&start=2026-03-02T11:00:00.000Z&end=${iso(T)}`, 400, 'FRACTIONAL_TIMESTAMP'],
    [`granularity=PT1M&start=yesterday&end=${iso(T)}`, 400, 'INVALID_QUERY_PARAMETER'],
    [`granularity=PT1M&period=PT1H&${span}`, 400, 'MUTUALLY_EXCLUSIVE_QUERY_PARAMETERS'],
    ['granularity=PT1M&period=1H', 400, 'INVALID_PERIOD'],
    ['granularity=PT1M&period=P', 400, 'INVALID_PERIOD'],
    ['granularity=PT1M&period=PT', 400, 'INVALID_PERIOD'],
    ['granularity=PT1M&period=PT1H&m=DATABASE_DATA_SIZE', 400, 'INVALID_METRIC_NAME'],
  ])('reject %s with %i %s', async (query, status, code) => {
    await start(T);
    expect(await refuse(query)).toEqual([status, code]);
  });

  test('accept up to ten names in m', async () => {
    await start(T);
    const query = `${pathOf(DISK)}?granularity=PT1M&period=PT1H`;
    const { document } = await api.get(`${query}&m=DISK_QUEUE_DEPTH&m=DISK_PARTITION_IOPS_READ`);
    expect(listOf(document['measurements']).map(({ name }) => name)).toEqual([
      'DISK_PARTITION_IOPS_READ',
      'DISK_QUEUE_DEPTH',
    ]);
    const names = listOf((await api.get(query)).document['measurements']).map(({ name }) => `&m=${name}`);
    expect((await api.get(query + names.slice(0, 10).join(''))).status).toBe(200);
    expect(await api.refusal(query + names.slice(0, 11).join(''))).toEqual([400, 'INVALID_QUERY_PARAMETER']);
  });

  test.each([
    ['PT90M', 90 * MINUTE],
    ['P1DT2H', 26 * HOUR],
    ['P1W', 48 * HOUR],
  ])('end a period of %s now', async (period, reach) => {
    await start(T);
    const { document } = await api.get(`${pathOf(DISK)}?granularity=PT5M&period=${period}`);
    expect(document['start']).toBe(iso(T - reach));
    expect(Date.parse(String(document['end']))).toBeGreaterThanOrEqual(T - 61 * SECOND);
  });

  test('accept times in another zone', async () => {
    await start(T);
    const query = `granularity=PT5M&start=2026-03-02T11:00:00%2B01:00&end=2026-03-02T11:30:00Z`;
    const { document } = await api.get(`${pathOf(DISK)}?${query}`);
    expect(document).toMatchObject({ start: '2026-03-02T10:00:00Z', end: '2026-03-02T11:30:00Z' });
  });

  test('wrap the response with envelope, and indent it with pretty', async () => {
    await start(T);
    const query = `${pathOf(DISK)}?granularity=PT5M&period=PT1H`;
    const plain = (await api.get(query)).document;
    const { document } = await api.get(`${query}&envelope=true`);
    expect(document['status']).toBe(200);
    expect(Object(document['content'])['measurements']).toEqual(plain['measurements']);
    expect((await api.get(`${query}&pretty=true`)).document['measurements']).toEqual(plain['measurements']);
  });
});
