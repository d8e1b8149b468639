import { afterEach, expect, test } from 'vitest';
import { datasets } from '../../../functions/datasets.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';

const START = Date.parse('2026-03-02T12:00:00Z');

let scenario: Scenario;
let proxy: FaultProxy | undefined;
let ahead = 0;
afterEach(async () => {
  await scenario.close();
  await proxy?.close();
});

/** Starts a collector whose clock can be ahead, and an Atlas whose responses can lack their date. */
async function start() {
  ahead = 0;
  scenario = await startScenario({
    organisation: createOrganisation({
      projects: [
        {
          name: 'p',
          clusters: [{ name: 'c', nodes: 1, accessLogs: { perHour: 60 } }],
          alertConfigurations: [{ name: 'primary', eventTypeName: 'NO_PRIMARY' }],
        },
      ],
    }),
    start: START,
    skew: () => ahead,
    front: async ({ url }) => {
      proxy = await startFaultProxy(url);
      return proxy.endpoint;
    },
  });
}

const dateless = () =>
  proxy?.alter(
    () => true,
    (answer) => ({ ...answer, headers: { ...answer.headers, date: 'unknown' } }),
  ) ?? (() => {});

test.each(['disk_measurements', 'inventory', 'cost_usage', 'access_logs', 'alerts'])(
  '%s continues at once when a fast clock has put its watermarks into the future',
  async (dataset) => {
    await start();
    await scenario.tick(START, [dataset]);
    const end = dateless();
    ahead = 30 * DAY;
    const its = datasets.find(({ name }) => name === dataset);
    if (!its) throw new Error(`no dataset ${dataset}`);
    scenario.simulator.clock.set(START + HOUR);
    const other = await scenario.rival();
    await other.dispatch(its, START + HOUR + ahead);
    await other.work([its]);
    expect(other.crashes).toEqual([]);
    end();
    ahead = 0;
    const [repaired] = await scenario.tick(START + 2 * HOUR, [dataset]);
    expect(repaired).toMatchObject({ outcome: 'complete' });
    expect(repaired?.lagSeconds).toBeGreaterThanOrEqual(0);
    const notes = (await tableRows(scenario.bucket, 'collection_runs')).map((row) => String(row['notes']));
    expect(notes).toContainEqual(expect.stringContaining("beyond Atlas's clock"));
    const [next] = await scenario.tick(START + 8 * HOUR, [dataset]);
    expect(next?.requests).toBeGreaterThan(0);
    if (['access_logs', 'disk_measurements'].includes(dataset)) expect(next?.rows).toBeGreaterThan(0);
  },
);

test("a fast clock moves no watermark beyond Atlas's time while responses have a date", async () => {
  await start();
  ahead = 30 * DAY;
  const [run] = await scenario.tick(START, ['access_logs']);
  expect(run).toMatchObject({ outcome: 'complete', gaps: 0 });
  const rows = await tableRows(scenario.bucket, 'access_logs');
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(String(row['collected_at']) < '2026-03-02 13').toBe(true);
  ahead = 0;
  const [next] = await scenario.tick(START + HOUR, ['access_logs']);
  expect(next?.rows).toBeGreaterThan(0);
});
