import { afterEach, describe, expect, test } from 'vitest';
import type { AccessLogShape } from '../../../simulator/access-logs/rules.ts';
import { settledEntries } from '../../../simulator/access-logs.ts';
import { createOrganisation, type OrganisationOptions } from '../../../simulator/organisation.ts';
import { DAY, MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';

let api: Api;
afterEach(() => api.simulator.close());

/** Starts a simulator with one host that logs as the shape says. */
async function start(accessLogs: AccessLogShape, options: OrganisationOptions = {}, instanceSize = 'M30') {
  const cluster = { name: 'c', nodes: 1, accessLogs, instanceSize };
  const organisation = createOrganisation({ ...options, projects: [{ name: 'p', clusters: [cluster] }] });
  const [project] = organisation.projects;
  const hostname = project?.processes[0]?.hostname ?? '';
  api = await startApi({ organisation, now: T, rateLimits: false });
  const path = `/groups/${project?.id}/dbAccessHistory/processes/${hostname}`;
  const read = async (query: string) =>
    listOf((await api.get(`${path}?${query}`)).document['accessLogs']).map(({ logLine, ...entry }) => ({
      ...entry,
      line: String(logLine),
    }));
  const settled = (from: number, to: number) =>
    settledEntries(organisation, project?.id ?? '', hostname, from, to);
  return { read, settled, path, project: project?.id ?? '' };
}

const lines = (entries: readonly { line: string }[]) => entries.map(({ line }) => line).sort();
const linesOf = (entries: readonly { logLine: string | null }[]) =>
  entries.map(({ logLine }) => String(logLine ?? undefined)).sort();

describe('the access history', () => {
  test('returns the computed entries, newest second first, with inversions within a second', async () => {
    const host = await start({ perHour: 36_000 });
    const [from, to] = [T - 10 * MINUTE, T - 5 * MINUTE];
    const found = await host.read(`start=${from}&end=${to - 1}`);
    expect(lines(found)).toEqual(linesOf(host.settled(from, to)));
    const times = found.flatMap(({ line }) => Date.parse(/"\$date":"([^"]+)"/.exec(line)?.[1] ?? '') || []);
    const seconds = times.map((time) => Math.floor(time / SECOND));
    expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
    expect(times).not.toEqual(times.toSorted((a, b) => b - a));
  });

  test('returns the newest nLogs of the matching entries', async () => {
    const host = await start({ perHour: 36_000 });
    const span = `start=${T - 10 * MINUTE}&end=${T - 5 * MINUTE}`;
    const failed = await host.read(`${span}&authResult=false`);
    expect(failed.length).toBeGreaterThan(50);
    expect(failed.every((entry) => 'failureReason' in entry && entry.failureReason !== null)).toBe(true);
    expect(await host.read(`${span}&authResult=false&nLogs=50`)).toEqual(failed.slice(0, 50));
    expect(await host.read(`${span}&nLogs=0`)).toEqual([]);
  });

  test('returns at most 20,000 entries', async () => {
    const burst = { from: T - 10 * MINUTE, to: T - 9 * MINUTE, perSecond: 500 };
    const host = await start({ bursts: [burst] });
    const found = await host.read(`start=${burst.from}&end=${burst.to}`);
    expect(found).toHaveLength(20_000);
    expect(lines(await host.read(`start=${burst.to - 20 * SECOND}&end=${burst.to}`))).toEqual(
      linesOf(host.settled(burst.to - 20 * SECOND, burst.to)),
    );
  });

  test('shows late entries later, and each for seven days', async () => {
    const host = await start({ perHour: 3_600, lateShare: 0.3, lateByMs: 11 * MINUTE });
    const [from, to] = [T - 10 * MINUTE, T - 5 * MINUTE];
    const query = `start=${from}&end=${to - 1}`;
    const all = host.settled(from, to);
    const at = (now: number) =>
      linesOf(all.filter(({ visibleFrom, visibleUntil }) => visibleFrom <= now && now <= visibleUntil));
    const [early, late, old] = [T, T + 15 * MINUTE, T + 7 * DAY - 8 * MINUTE];
    expect(at(early).length).toBeLessThan(all.length);
    expect(at(late)).toHaveLength(all.length);
    expect(at(old).length).toBeLessThan(all.length);
    for (const now of [early, late, old]) {
      api.simulator.clock.set(now);
      expect(lines(await host.read(query))).toEqual(at(now));
    }
  });

  test.each([
    ['java', /^Mon Mar 02 11:\d\d:\d\d GMT 2026$/],
    ['iso', /^2026-03-02T11:\d\d:\d\dZ$/],
  ] as const)('formats times as %s', async (timestamps, form) => {
    const host = await start({ perHour: 600, timestamps, lines: 'text' });
    const found = await host.read(`start=${T - 30 * MINUTE}&end=${T - 5 * MINUTE}`);
    expect(found.length).toBeGreaterThan(100);
    for (const entry of found) expect('timestamp' in entry && entry.timestamp).toMatch(form);
    expect(found.some(({ line }) => line.includes('authenticated as principal'))).toBe(true);
  });

  test('requires start and end together, in milliseconds, and at most 20,000 entries', async () => {
    const { path } = await start({ perHour: 60 });
    for (const [query, code] of [
      [`start=${T}`, 'MISSING_QUERY_PARAMETER'],
      [`end=${T}`, 'MISSING_QUERY_PARAMETER'],
      [`start=${T}&end=${T - 1}`, 'START_DATE_AFTER_END_DATE'],
      ['start=2026-03-02T12:00:00Z&end=2026-03-02T12:00:00Z', 'INVALID_QUERY_PARAMETER'],
      ['nLogs=20001', 'INVALID_QUERY_PARAMETER'],
    ]) {
      expect(await api.refusal(`${path}?${query}`)).toEqual([400, code]);
    }
    expect((await api.get(path)).status).toBe(200);
  });

  test('rejects an unknown host, and tenants', async () => {
    const { path, project } = await start({ perHour: 60 }, {}, 'M2');
    expect(await api.refusal(path)).toEqual([400, 'CLUSTER_TIER_NOT_SUPPORTED']);
    expect(await api.refusal(`/groups/${project}/dbAccessHistory/processes/elsewhere`)).toEqual([
      404,
      'HOST_NOT_FOUND',
    ]);
  });
});
