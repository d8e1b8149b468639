import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { configurationDocument } from '../../../simulator/alerts/configurations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { withoutRevisions } from '../../support/expected-alerts.ts';
import { lakeObjects, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

const TICK = 5 * MINUTE;

let scenario: Scenario;
afterEach(() => scenario.close());

async function collect(from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at += TICK) {
    expect(await scenario.tick(at, ['alerts'])).toMatchObject([{ outcome: 'complete', failures: [] }]);
  }
}

test('writes a row when a configuration appears, changes or is removed', async () => {
  const threshold = { metricName: 'CONNECTIONS', mode: 'AVERAGE', operator: 'GREATER_THAN', units: 'RAW' };
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [],
        alertConfigurations: [
          {
            name: 'metric',
            eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
            fields: { metricThreshold: { ...threshold, threshold: 80 }, severityOverride: 'WARNING' },
            changes: [
              { at: T + 8 * MINUTE, fields: { metricThreshold: { ...threshold, threshold: 90 } } },
              { at: T + 13 * MINUTE, fields: { enabled: false } },
            ],
          },
          {
            name: 'plain',
            eventTypeName: 'REPLICATION_OPLOG_WINDOW_RUNNING_OUT',
            fields: { threshold: { operator: 'LESS_THAN', threshold: 1, units: 'HOURS' } },
            deleted: T + 12 * MINUTE,
          },
          { name: 'late', eventTypeName: 'A_KIND_OF_TOMORROW', created: T + 7 * MINUTE },
        ],
      },
    ],
  });
  const [project] = organisation.projects;
  scenario = await startScenario({ organisation, start: T });
  await collect(T, T + 20 * MINUTE);

  const row = (index: number, at: number, change: string, ts: number, fields: Record<string, unknown>) => {
    const configuration = project?.alertConfigurations[index];
    if (!project || !configuration) throw new Error('no such configuration');
    const document = configurationDocument(configuration, project.id, at);
    const time = (name: string) => lakeTime(Date.parse(String(document[name])));
    return {
      project_id: project.id,
      alert_config_id: configuration.id,
      change,
      enabled: document['enabled'],
      event_type_name: document['eventTypeName'],
      metric_name: null,
      operator: null,
      threshold: null,
      threshold_units: null,
      severity: null,
      created: time('created'),
      updated: time('updated'),
      ...fields,
      ts: lakeTime(ts),
      document: JSON.stringify(document),
      collected_at: lakeTime(at),
    };
  };
  const metric = {
    metric_name: 'CONNECTIONS',
    operator: 'GREATER_THAN',
    threshold_units: 'RAW',
    severity: 'WARNING',
  };
  const plain = { operator: 'LESS_THAN', threshold: 1, threshold_units: 'HOURS' };
  const gone = Object.fromEntries(
    ['enabled', 'event_type_name', 'operator', 'threshold', 'threshold_units', 'created', 'updated'].map(
      (name) => [name, null],
    ),
  );
  expect(withoutRevisions(await tableRows(scenario.bucket, 'alert_configurations'))).toEqual([
    row(0, T, 'added', T, { ...metric, threshold: 80 }),
    row(1, T, 'added', T, plain),
    row(0, T + 10 * MINUTE, 'changed', T + 8 * MINUTE, { ...metric, threshold: 90 }),
    row(2, T + 10 * MINUTE, 'added', T + 7 * MINUTE, {}),
    row(0, T + 15 * MINUTE, 'changed', T + 13 * MINUTE, { ...metric, threshold: 90 }),
    { ...row(1, T + 15 * MINUTE, 'removed', T + 15 * MINUTE, gone), document: null },
  ]);
});

test('writes no credentials of notifications, and no row when only a credential changes', async () => {
  const SECRETS = ['CANARY-token-1', 'CANARY-token-2', 'CANARY-url', 'CANARY-tomorrow'] as const;
  const notifications = (apiToken: string) => ({
    notifications: [
      { typeName: 'SLACK', channelName: 'ops', apiToken, delayMin: 0 },
      { typeName: 'WEBHOOK', webhookUrl: `https://example.com/${SECRETS[2]}`, webhookSecret: SECRETS[0] },
      {
        typeName: 'KIND_OF_TOMORROW',
        tomorrowCredential: { nested: SECRETS[3] },
        endpoint: `https://x.example/${SECRETS[3]}`,
      },
    ],
  });
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [],
        alertConfigurations: [
          {
            name: 'c',
            eventTypeName: 'NO_PRIMARY',
            fields: notifications(SECRETS[0]),
            changes: [{ at: T + 7 * MINUTE, fields: notifications(SECRETS[1]) }],
          },
        ],
        alerts: [{ configuration: 'c', created: T - MINUTE }],
      },
    ],
  });
  scenario = await startScenario({ organisation, start: T });
  await collect(T, T + 15 * MINUTE);
  const rows = await tableRows(scenario.bucket, 'alert_configurations');
  expect(rows).toHaveLength(1);
  expect(JSON.parse(String(rows[0]?.['document']))).toMatchObject({
    notifications: [
      { typeName: 'SLACK', channelName: 'ops', apiToken: '[redacted]', delayMin: 0 },
      { typeName: 'WEBHOOK', webhookUrl: '[redacted]', webhookSecret: '[redacted]' },
      { typeName: 'KIND_OF_TOMORROW', tomorrowCredential: '[redacted]', endpoint: '[redacted]' },
    ],
  });
  const objects = await lakeObjects(scenario.bucket);
  expect(objects.length).toBeGreaterThan(0);
  for (const { key } of objects) {
    const text = gunzipSync(await readFile(path.join(scenario.bucket, key))).toString('utf8');
    expect(text).not.toContain('CANARY');
  }
});
