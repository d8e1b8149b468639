import { afterEach, describe, expect, test } from 'vitest';
import type { LakeStore } from '../../../cli/backfill/lake-store.ts';
import { eraseUser } from '../../../cli/erasure/erase-user.ts';
import { startLocalAws } from '../../../cli/local-aws.ts';
import { datasets } from '../../../functions/datasets.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/durations.ts';
import { lakeTables } from '../../../shared/engine/tables.ts';
import { noteErasure } from '../../../shared/lake/erasure-notes.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { deleteObjects, verified } from '../../support/backfilled-lake.ts';
import { expectedEntries, hostsOf } from '../../support/expected-access-logs.ts';
import { compare, identity } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { lakeFiles, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

/** Midnight. */
const DAY_START = T - 12 * HOUR;
const END = DAY_START + DAY;
const GOOD = { missing: [], unexpected: [], twice: [] };
const KEY = { redactionKey: 'a key' };

let scenario: Scenario;
afterEach(() => scenario.close());

/** How often things happen. A few of them arrive after their time was read for the first time. */
const OFTEN = { perHour: 30, lateShare: 0.05, lateByMs: 10.5 * MINUTE };

const organisation = createOrganisation({
  projects: [
    {
      name: 'p',
      events: OFTEN,
      clusters: [
        {
          ...{ name: 'c', nodes: 2, databases: ['app'] },
          ...{ accessLogs: OFTEN, slowQueries: OFTEN, logs: OFTEN },
        },
      ],
    },
  ],
});

async function collect(name: string, settings: object, redact = {}): Promise<void> {
  const config = { redact, datasets: { [name]: { enabled: true, backfill: 'PT0S', ...settings } } };
  scenario = await startScenario({ organisation, start: DAY_START - HOUR, config, ...KEY });
  for (let at = DAY_START - HOUR; at <= END + 2 * HOUR; at += HOUR) await scenario.tick(at, [name]);
}

/** Returns a lake with the note of an erasure, which appears at once or when the first object is read. */
function erasedOn(lake: LakeStore['lake'], key: string, later = false): LakeStore['lake'] {
  let isNoted = false;
  return new Proxy(lake, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (!isNoted && (!later || (name === 'read' && String(args[0]).startsWith('access_logs/')))) {
          isNoted = true;
          await noteErasure(target, key, 'a hash');
        }
        return value.apply(target, args);
      };
    },
  });
}

const textsOf = async (table: string) => (await tableRows(scenario.bucket, table)).map(identity);

describe.each(['access_logs', 'events', 'slow_queries', 'host_logs', 'audit_logs'])('%s', (name) => {
  test('whose objects were deleted have every row once after a backfill, and after a second one', async () => {
    await collect(name, {});
    const all = await textsOf(name);
    const deleted = await deleteObjects(
      scenario.bucket,
      name,
      (key, index) => key.includes('dt=2026-03-02') && index % 3 > 0,
    );
    const lost = all.length - (await textsOf(name)).length;
    expect(lost).toBeGreaterThan(0);
    const period = { from: DAY_START, to: END };
    const results = await scenario.backfill(name, period);
    expect(results.map(({ failures, findings }) => ({ failures, losses: findings.losses }))).toEqual(
      results.map(() => ({ failures: [], losses: [] })),
    );
    expect(results.reduce((sum, { findings }) => sum + findings.absent, 0)).toBe(lost);
    expect(compare(await tableRows(scenario.bucket, name), all)).toMatchObject(GOOD);
    const files = await lakeFiles(scenario.bucket);
    await scenario.backfill(name, period);
    expect(await lakeFiles(scenario.bucket)).toEqual(files);
    await scenario.tick(END + 3 * HOUR, [name]);
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
    const { findings, checked } = await verified(scenario, END + 3 * HOUR);
    expect({ findings, replaced: checked.replaced }).toEqual({ findings: [], replaced: deleted });
  });
});

describe('access logs', () => {
  test('from before the first run are read as far as Atlas has them, and the rest is said', async () => {
    await collect('access_logs', {});
    const now = END + 2 * HOUR;
    const from = now - 7 * DAY - 5 * HOUR;
    const results = await scenario.backfill('access_logs', { from, to: DAY_START });
    const losses = results.flatMap(({ findings }) => findings.losses);
    expect(losses.length).toBeGreaterThan(0);
    expect(new Set(losses.map(({ reason }) => reason))).toEqual(new Set(['older than Atlas keeps']));
    const held = Math.max(...losses.map(({ to }) => to));
    expect(Math.abs(held - (now - 7 * DAY))).toBeLessThan(3 * MINUTE);
    const rows = (await tableRows(scenario.bucket, 'access_logs')).filter(
      ({ ts }) => String(ts) < lakeTime(DAY_START),
    );
    const expected = hostsOf(organisation).flatMap((host) =>
      expectedEntries(organisation, host, held, DAY_START, now),
    );
    const { missing, twice } = compare(rows, expected);
    expect({ missing, twice }).toEqual({ missing: [], twice: [] });
    expect(rows.length).toBeGreaterThan(1_000);
  });

  test('of a day from which a person was erased are not read again', async () => {
    await collect('access_logs', {});
    const rows = await tableRows(scenario.bucket, 'access_logs');
    const user = String(rows.find(({ ts }) => String(ts) >= lakeTime(DAY_START))?.['username']);
    await scenario.restart(async (folder) => {
      const aws = await startLocalAws(folder);
      const tables = lakeTables(datasets);
      const headers = aws.readHeaders;
      await eraseUser({ tables, lake: aws.rewriter, readHeaders: headers, user, apply: true });
      await aws.close();
    });
    const files = await lakeFiles(scenario.bucket);
    const [result] = await scenario.backfill('access_logs', { from: DAY_START, to: END });
    expect(result?.findings).toMatchObject({ absent: 0, present: 0 });
    expect(result?.findings.losses.map(({ reason }) => reason)).toEqual([
      'a person was erased from this day, whom Atlas may still show: it is not read again',
    ]);
    expect(await lakeFiles(scenario.bucket)).toEqual(files);
    expect((await tableRows(scenario.bucket, 'access_logs')).some(({ username }) => username === user)).toBe(
      false,
    );
  });

  test('of a day that lacks objects are not read again after an erasure on another day', async () => {
    await collect('access_logs', {});
    const keys = (await lakeFiles(scenario.bucket)).filter((key) => key.startsWith('access_logs/'));
    const other = keys.find((key) => !key.includes('dt=2026-03-02')) ?? '';
    const [gone = ''] = keys.filter((key) => key.includes('dt=2026-03-02'));
    await deleteObjects(scenario.bucket, 'access_logs', (key) => key === gone);
    const [result] = await scenario.backfill(
      'access_logs',
      { from: DAY_START, to: END },
      {
        store: (store) => ({
          ...store,
          // The notes of the day before would refuse this day anyway.
          lake: erasedOn(store.lake, other.replace(/dt=[\d-]+/, 'dt=2026-02-20')),
        }),
      },
    );
    expect(result?.findings).toMatchObject({ absent: 0, present: 0 });
    expect(result?.findings.losses.map(({ reason }) => reason)).toEqual([
      'it lacks rows, and a person was erased from other days, who may have been in them: it is not read again',
    ]);
  });

  test('of a day from which a person is erased when the backfill has begun are not read again', async () => {
    await collect('access_logs', {});
    const [key = ''] = (await lakeFiles(scenario.bucket)).filter((one) =>
      one.startsWith('access_logs/dt=2026-03-02'),
    );
    const [result] = await scenario.backfill(
      'access_logs',
      { from: DAY_START, to: END },
      { store: (store) => ({ ...store, lake: erasedOn(store.lake, key, true) }) },
    );
    expect(result?.findings).toMatchObject({ absent: 0, present: 0, losses: [expect.anything()] });
  });

  test('whose ids another key made are not written again', async () => {
    await collect('access_logs', {}, { access_logs: { log_line: 'hash' } });
    const files = await lakeFiles(scenario.bucket);
    const results = await scenario.backfill(
      'access_logs',
      { from: DAY_START, to: END },
      { redactionKey: 'another' },
    );
    const [absent, incomparable] = (['absent', 'incomparable'] as const).map((what) =>
      results.reduce((sum, { findings }) => sum + findings[what], 0),
    );
    expect(absent).toBe(0);
    expect(incomparable).toBeGreaterThan(0);
    expect(await lakeFiles(scenario.bucket)).toEqual(files);
  });
});

test('lines beyond the limit of a day fill their gap when the limit is raised', async () => {
  const name = 'host_logs';
  await collect(name, { maxBytesPerDay: 20_000 });
  const gaps = await tableRows(scenario.bucket, 'collection_gaps');
  expect(gaps.length).toBeGreaterThan(0);
  const before = (await textsOf(name)).length;
  const config = { datasets: { [name]: { enabled: true, backfill: 'PT0S' } } };
  await scenario.backfill(name, { from: DAY_START, to: END }, { config });
  const rows = await tableRows(scenario.bucket, name);
  expect(rows.length).toBeGreaterThan(before);
  const filled = await tableRows(scenario.bucket, 'filled_gaps');
  const inPeriod = gaps.filter(({ ts }) => String(ts) >= lakeTime(DAY_START) && String(ts) < lakeTime(END));
  expect(new Set(filled.map(({ target, ts }) => `${target} ${ts}`))).toEqual(
    new Set(inPeriod.map(({ target, ts }) => `${target} ${ts}`)),
  );
  for (const { ts, gap_end, filled_from, filled_to } of filled) {
    expect(filled_from).toBe(ts);
    expect(String(filled_to) <= String(gap_end)).toBe(true);
  }
  const files = await lakeFiles(scenario.bucket);
  await scenario.backfill(name, { from: DAY_START, to: END }, { config });
  expect(await lakeFiles(scenario.bucket)).toEqual(files);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
});
