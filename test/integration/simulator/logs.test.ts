import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { LogShape } from '../../../simulator/logs/rules.ts';
import { settledMessages } from '../../../simulator/logs.ts';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { DAY, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, requestToken, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

/** Starts a simulator with a mongod and a mongos on one host, whose logs are as the shape says. */
async function start(logs: LogShape, options: OrganisationOptions = {}, instanceSize = 'M30') {
  const cluster = {
    name: 'c',
    type: 'SHARDED',
    shards: 1,
    nodes: 1,
    configNodes: 0,
    logs,
    instanceSize,
  } as const;
  const organisation = createOrganisation({ ...options, projects: [{ name: 'p', clusters: [cluster] }] });
  const [project] = organisation.projects;
  const [mongod, mongos] = project?.processes ?? [];
  if (!mongod || !mongos) throw new Error('no processes');
  api = await startApi({ organisation, now: T, rateLimits: false });
  const token = await requestToken(api.simulator);
  const get = async (file: string, query = '', accept = 'application/vnd.atlas.2023-02-01+gzip') => {
    const path = `/api/atlas/v2/groups/${project?.id}/clusters/${mongod.hostname}/logs/${file}?${query}`;
    const response = await fetch(api.simulator.url + path, {
      headers: { Authorization: `Bearer ${token}`, Accept: accept },
    });
    const { status, headers } = response;
    return { status, headers, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  const lines = async (file: string, query?: string) => {
    const { bytes } = await get(file, query);
    return bytes.length === 0 ? [] : gunzipSync(bytes).toString('latin1').split('\n').slice(0, -1);
  };
  const settled = (process: typeof mongod, type: 'messages' | 'audit', from: number, to: number) =>
    settledMessages(organisation, process, type, [from, to]).flatMap((message) =>
      message.lines.map(({ bytes }) => bytes.toString('latin1')),
    );
  return { get, lines, settled, mongod, mongos };
}

const span = (from: number, to: number) => `startDate=${from / SECOND}&endDate=${to / SECOND}`;
const [FROM, TO] = [T - 40 * MINUTE, T - 10 * MINUTE];

describe('a log', () => {
  test.each([
    ['mongodb.gz', 'mongod', 'messages'],
    ['mongos.gz', 'mongos', 'messages'],
    ['mongodb-audit-log.gz', 'mongod', 'audit'],
    ['mongos-audit-log.gz', 'mongos', 'audit'],
  ] as const)('%s has the computed lines of the span', async (file, process, type) => {
    const host = await start({ perHour: 3_600 });
    const expected = host.settled(host[process], type, FROM, TO);
    expect(expected.length).toBeGreaterThan(500);
    expect(await host.lines(file, span(FROM, TO - SECOND))).toEqual(expected);
  });

  test('has the recorded headers, and no bytes if it is empty', async () => {
    const host = await start({ auditing: false, perHour: 60 });
    const { bytes, headers } = await host.get('mongodb-audit-log.gz', span(FROM, TO));
    expect(bytes).toHaveLength(0);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/vnd.atlas.2023-02-01+gzip',
      'content-length': '0',
      'x-uncompressed-content-length': '0',
      'content-disposition': expect.stringMatching(
        /^attachment; filename="atlas-.*_MONGODB-AUDIT-LOG\.log\.gz"$/,
      ),
    });
    const { bytes: some, headers: own } = await host.get('mongodb.gz', span(FROM, TO));
    expect(own.get('x-uncompressed-content-length')).toBe(String(gunzipSync(some).length));
  });

  test('covers a day before its end, after its start, or before now', async () => {
    const host = await start({ perHour: 10 });
    const { mongod } = host;
    const of = (query: string) => host.lines('mongodb.gz', query);
    expect(await of('')).toEqual(await of(span(T - DAY, T)));
    expect(await of(`endDate=${FROM / SECOND}`)).toEqual(await of(span(FROM - DAY, FROM)));
    expect(await of(`startDate=${(T - 2 * DAY) / SECOND}`)).toEqual(
      host.settled(mongod, 'messages', T - 2 * DAY, T - DAY + SECOND),
    );
  });

  test('shows a chunk of five minutes when it has ended and a moment has passed', async () => {
    const host = await start({ perHour: 3_600 });
    const youngest = () => host.lines('mongodb.gz', span(T - 20 * MINUTE, T)).then(({ length }) => length);
    const sizes = new Set<number>();
    for (let second = 0; second < 300; second += 20) {
      api.simulator.clock.set(T + second * SECOND);
      sizes.add(await youngest());
    }
    // The span ends at T, so at most the chunks that end around T can appear.
    expect(sizes.size).toBeGreaterThan(1);
    expect(sizes.size).toBeLessThan(4);
  });

  test.each([
    ['[]', 3],
    ['[)', 2],
    ['(]', 2],
    ['()', 1],
  ] as const)('includes the ends of a span like %s', async (logBounds, seconds) => {
    const bursts = [{ from: FROM, to: TO, perSecond: 1 }];
    const host = await start({ bursts }, { logBounds });
    const from = FROM + MINUTE;
    const inner = logBounds.startsWith('[') ? from : from + SECOND;
    const expected = host.settled(host.mongod, 'messages', inner, inner + seconds * SECOND);
    expect(await host.lines('mongodb.gz', span(from, from + 2 * SECOND))).toEqual(expected);
  });

  test('has whole chunks if Atlas returns those', async () => {
    const host = await start({ perHour: 3_600 }, { logUnits: 'chunks' });
    const all = host.settled(host.mongod, 'messages', FROM - 10 * MINUTE, TO);
    const lines = await host.lines('mongodb.gz', span(FROM, FROM + SECOND));
    expect(lines.length).toBeGreaterThan(200);
    expect(all.join('\n')).toContain(lines.join('\n'));
  });
});

describe('a request for a log is refused', () => {
  const code = (headers: Headers) => headers.get('x-error-code');

  test.each([
    ['mongod.gz', '', 400, 'INVALID_PATH_PARAMETER'],
    ['mongodb', '', 400, 'INVALID_PATH_PARAMETER'],
    ['mongodb.gz', `startDate=${T}`, 400, 'INVALID_QUERY_PARAMETER'],
    ['mongodb.gz', 'startDate=1199145599', 400, 'INVALID_QUERY_PARAMETER'],
    ['mongodb.gz', span(T, T - SECOND), 400, 'START_DATE_AFTER_END_DATE'],
  ])('%s?%s', async (file, query, status, error) => {
    const host = await start({});
    const { status: found, headers } = await host.get(file, query);
    expect([found, code(headers)]).toEqual([status, error]);
  });

  test.each([
    ['application/vnd.atlas.2023-02-01+json', 406, 'INVALID_VERSION_DATE'],
    ['application/gzip', 406, 'INVALID_VERSION_DATE'],
    ['application/vnd.atlas.2023-01-01+gzip', 410, 'VERSION_GONE'],
  ])('with the header Accept: %s', async (accept, status, error) => {
    const host = await start({});
    const { status: found, headers } = await host.get('mongodb.gz', '', accept);
    expect([found, code(headers)]).toEqual([status, error]);
  });

  test('for a small tier, and for a host that does not exist', async () => {
    const host = await start({}, {}, 'M0');
    const { status, headers } = await host.get('mongodb.gz');
    expect([status, code(headers)]).toEqual([400, 'CLUSTER_TIER_NOT_SUPPORTED']);
    const group = api.simulator.organisation.projects[0]?.id;
    const other = await api.get(`/groups/${group}/clusters/other.example/logs/mongodb.gz`, {
      Accept: 'application/vnd.atlas.2023-02-01+gzip',
    });
    expect([other.status, other.document['errorCode']]).toEqual([404, 'HOST_NOT_FOUND']);
  });
});
