import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const KEY = 'a key that must not be seen';

const scenarios: Scenario[] = [];
afterEach(async () => {
  for (const scenario of scenarios.splice(0)) await scenario.close();
});

const organisation = createOrganisation({
  projects: [
    { name: 'p', clusters: [{ name: 'c', nodes: 1, databases: ['a'], accessLogs: { perHour: 600 } }] },
  ],
});

async function start(redact: object, redactionKey: string): Promise<Scenario> {
  const config = { datasets: { access_logs: { backfill: 'PT1H' } }, redact };
  const scenario = await startScenario({ organisation, start: T, config, redactionKey });
  scenarios.push(scenario);
  return scenario;
}

test('redacted values reach no file of the lake, and equal values stay equal', async () => {
  const open = await start({}, KEY);
  const closed = await start(
    { access_logs: { ip_address: 'hash', username: 'hash', log_line: 'drop' } },
    KEY,
  );
  for (const scenario of [open, closed]) {
    await scenario.tick(T, ['access_logs']);
    await scenario.tick(T + 10 * MINUTE, ['access_logs']);
  }
  const plain = await tableRows(open.bucket, 'access_logs');
  const hidden = await tableRows(closed.bucket, 'access_logs');
  expect(plain.length).toBeGreaterThan(400);
  const hmac = (value: unknown) => createHmac('sha256', KEY).update(String(value)).digest('hex');
  const redacted = plain.map(({ collected_at: _, ...row }) => ({
    ...row,
    ip_address: hmac(row['ip_address']),
    username: hmac(row['username']),
    log_line: null,
    record_id: hmac(row['record_id']),
  }));
  const byId = (rows: readonly Record<string, unknown>[]) =>
    [...rows].sort((a, b) => (String(a['record_id']) < String(b['record_id']) ? -1 : 1));
  expect(byId(hidden.map(({ collected_at: _, ...row }) => row))).toEqual(byId(redacted));
  const everything = JSON.stringify(await lakeObjects(closed.bucket));
  expect(everything).not.toContain(KEY);
  for (const { ip_address } of plain) expect(everything).not.toContain(`"${ip_address}"`);
});

test('a run that must hash without its key writes nothing and names the reason', async () => {
  const scenario = await start({ access_logs: { username: 'hash' } }, '');
  await expect(scenario.tick(T, ['access_logs'])).rejects.toThrow('no redaction key');
  await expect(lakeObjects(scenario.bucket)).resolves.toEqual([]);
});
