import { afterEach, describe, expect, it } from 'vitest';
import { rowOf } from '../../../functions/access-logs/rows.ts';
import { AtlasResponseError } from '../../../shared/atlas/errors.ts';
import { failureOf, json, PROJECT, ScriptedAtlas } from './scripted-atlas.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const HOST = 'host1.mongodb.net';
const SPAN = { start: Date.UTC(2026, 3, 26, 2, 0, 0), end: Date.UTC(2026, 3, 26, 3, 0, 0) };

/** Entries in the recorded shapes of Atlas, with keys in its order. */
const FAILED = {
  authResult: false,
  authSource: 'admin',
  failureReason: 'UserNotFound: User "agent@admin" not found',
  groupId: PROJECT,
  hostname: HOST,
  ipAddress: '192.0.2.7',
  logLine:
    '{"t":{"$date":"2026-04-26T02:38:56.454+00:00"},"s":"I",  "c":"ACCESS",   "id":20249,   "ctx":"conn371","msg":"Authentication failed","attr":{"mechanism":"SCRAM-SHA-1","speculative":true,"principalName":"agent","authenticationDatabase":"admin","remote":"192.0.2.7:56444","extraInfo":{},"error":"UserNotFound: User \\"agent@admin\\" not found"}}',
  timestamp: 'Sun Apr 26 02:38:56 GMT 2026',
  username: 'agent',
};
const SUCCEEDED = {
  authResult: true,
  authSource: '$external',
  failureReason: null,
  groupId: PROJECT,
  hostname: HOST,
  ipAddress: '192.0.2.8',
  logLine:
    '{"t":{"$date":"2026-04-26T02:03:57.858+00:00"},"s":"I",  "c":"ACCESS",   "id":20429,   "ctx":"conn1754","msg":"Successfully authenticated","attr":{"client":"192.0.2.8:39662","mechanism":"MONGODB-X509","user":"CN=ops","db":"$external"}}',
  timestamp: 'Sun Apr 26 02:03:57 GMT 2026',
  username: 'CN=ops',
};

async function history(accessLogs: unknown) {
  atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, { accessLogs }));
  return atlas.client().session({ deadline: Number.MAX_SAFE_INTEGER }).accessHistory(PROJECT, HOST, SPAN);
}

describe('the access history', () => {
  it('requests milliseconds, and returns rows with the content of the log line', async () => {
    const entries = await history([FAILED, SUCCEEDED]);
    expect(atlas.requests.map(({ url }) => url)).toEqual([
      `/api/atlas/v2/groups/${PROJECT}/dbAccessHistory/processes/${HOST}?start=${SPAN.start}&end=${SPAN.end}&nLogs=20000`,
    ]);
    const context = { project: PROJECT, hostname: HOST, clusterName: 'c', collectedAt: 1 };
    const rows = entries.entries.map((entry) => rowOf({ entry, recordId: 'id' }, context));
    const common = {
      project_id: PROJECT,
      cluster_name: 'c',
      hostname: HOST,
      record_id: 'id',
      collected_at: 1,
    };
    const unknownClient = { app_name: null, driver_name: null, driver_version: null };
    expect(rows).toEqual([
      {
        ...common,
        ...unknownClient,
        ts: Date.UTC(2026, 3, 26, 2, 38, 56, 454),
        auth_result: false,
        auth_source: 'admin',
        username: 'agent',
        ip_address: '192.0.2.7',
        failure_reason: FAILED.failureReason,
        mechanism: 'SCRAM-SHA-1',
        log_line: FAILED.logLine,
      },
      {
        ...common,
        ...unknownClient,
        ts: Date.UTC(2026, 3, 26, 2, 3, 57, 858),
        auth_result: true,
        auth_source: '$external',
        username: 'CN=ops',
        ip_address: '192.0.2.8',
        failure_reason: null,
        mechanism: 'MONGODB-X509',
        log_line: SUCCEEDED.logLine,
      },
    ]);
  });

  it.each([[[]], [null]])('returns no entries for an empty response: %j', async (accessLogs) => {
    expect(await history(accessLogs)).toEqual({ entries: [], given: 0, unreadable: [] });
  });

  it('returns the other entries if some have no time, and the neighbours of those', async () => {
    const second = Date.UTC(2026, 3, 26, 2, 38, 56);
    const { entries, given, unreadable } = await history([
      FAILED,
      { ...FAILED, timestamp: undefined },
      7,
      SUCCEEDED,
    ]);
    expect(entries.map(({ username }) => username)).toEqual(['agent', 'CN=ops']);
    expect(given).toBe(4);
    const neighbours = [second, Date.UTC(2026, 3, 26, 2, 3, 57)];
    expect(unreadable).toEqual([
      { neighbours, identity: expect.stringContaining('agent') },
      { neighbours, identity: '7' },
    ]);
  });

  it.each([
    'Sun Apr 26 02:03:57 UTC 2026',
    'Sun Apr 26 02:03:57 +0000 2026',
    '2026-04-26T02:03:57+0000',
    '2026-04-26 02:03:57 UTC',
  ])('reads the time %s', async (timestamp) => {
    const { entries } = await history([{ ...SUCCEEDED, timestamp }]);
    expect(entries.map((entry) => entry.timestamp)).toEqual([Date.UTC(2026, 3, 26, 2, 3, 57)]);
  });

  it('reads a field of another type as null', async () => {
    const { entries } = await history([{ ...FAILED, username: 7, authResult: 'no' }]);
    expect(entries).toMatchObject([{ username: null, authResult: null, logLine: FAILED.logLine }]);
  });

  it.each([
    [Array(11).fill({ ...FAILED, timestamp: 'yesterday' }), 'accessLogs: no entry has a time'],
    [undefined, 'accessLogs: expected array'],
    [7, 'accessLogs: expected array'],
  ])('rejects a response of another shape, and names the field', async (accessLogs, message) => {
    const error = await failureOf(history(accessLogs));
    expect(error).toBeInstanceOf(AtlasResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
  });
});
