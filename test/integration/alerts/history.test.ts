import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, expect, test } from 'vitest';
import { MINUTE } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';

const T = Date.parse('2026-03-02T23:30:00Z');

let scenario: Scenario;
afterEach(() => scenario.close());

/** Returns one line for each alert from the rows alone, in any days; spans in minutes. */
const HISTORY = `
  SELECT
    alert_id,
    date_diff('second', opened, acknowledged) / 60 AS to_acknowledgement,
    date_diff('second', opened, ended) / 60 AS to_end,
    ending,
    updates
  FROM (
    SELECT
      alert_id,
      min(ts) FILTER (change = 'opened') AS opened,
      min(ts) FILTER (change = 'acknowledged') AS acknowledged,
      max(ts) FILTER (change IN ('closed', 'cancelled')) AS ended,
      max(change) FILTER (change IN ('closed', 'cancelled')) AS ending,
      count(*) FILTER (change = 'updated')::INT AS updates
    FROM read_json('FILES', format = 'newline_delimited', hive_partitioning = true)
    GROUP BY alert_id
  )
  ORDER BY opened`;

/** Returns the threshold that a configuration had when its alert opened. */
const THRESHOLDS = `
  SELECT epoch_ms(alert.ts) AS opened, configuration.threshold::DOUBLE AS threshold
  FROM read_json('FILES', format = 'newline_delimited') AS alert
  ASOF JOIN read_json('CONFIGURATIONS', format = 'newline_delimited') AS configuration
    ON alert.alert_config_id = configuration.alert_config_id AND alert.ts >= configuration.ts
  WHERE alert.change = 'opened'
  ORDER BY alert.ts`;

test('views show histories of alerts, and their thresholds, from the rows alone', async () => {
  const threshold = (value: number) => ({
    metricThreshold: { metricName: 'CONNECTIONS', threshold: value, units: 'RAW' },
  });
  const organisation = createOrganisation({
    projects: [
      {
        name: 'p',
        clusters: [],
        alertConfigurations: [
          {
            name: 'c',
            eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
            fields: threshold(80),
            changes: [{ at: T + 21 * MINUTE, fields: threshold(90) }],
          },
        ],
        alerts: [
          {
            configuration: 'c',
            created: T + MINUTE,
            acknowledged: { at: T + 10 * MINUTE },
            changes: [{ at: T + 17 * MINUTE, fields: { clusterName: 'orders' } }],
            closed: T + 46 * MINUTE,
          },
          { configuration: 'c', created: T + 13 * MINUTE, closed: T + 14 * MINUTE },
          { configuration: 'c', created: T + 27 * MINUTE, cancelled: T + 38 * MINUTE },
          { configuration: 'c', created: T + 32 * MINUTE },
        ],
      },
    ],
  });
  scenario = await startScenario({ organisation, start: T });
  for (let at = T; at <= T + 60 * MINUTE; at += 5 * MINUTE) await scenario.tick(at, ['alerts']);

  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = async (sql: string) => {
    const files = (table: string) => path.join(scenario.bucket, table, '*/*.json.gz');
    const text = sql
      .replace('FILES', files('alerts'))
      .replace('CONFIGURATIONS', files('alert_configurations'));
    return (await connection.runAndReadAll(text)).getRowObjects();
  };
  const [first, second, third, fourth] = (organisation.projects[0]?.alerts ?? []).map(({ id }) => id);
  expect(await read(HISTORY)).toEqual([
    { alert_id: first, to_acknowledgement: 9, to_end: 45, ending: 'closed', updates: 1 },
    { alert_id: second, to_acknowledgement: null, to_end: 1, ending: 'closed', updates: 0 },
    { alert_id: third, to_acknowledgement: null, to_end: 11, ending: 'cancelled', updates: 0 },
    { alert_id: fourth, to_acknowledgement: null, to_end: null, ending: null, updates: 0 },
  ]);
  expect(await read(THRESHOLDS)).toEqual([
    { opened: BigInt(T + MINUTE), threshold: 80 },
    { opened: BigInt(T + 13 * MINUTE), threshold: 80 },
    { opened: BigInt(T + 27 * MINUTE), threshold: 90 },
    { opened: BigInt(T + 32 * MINUTE), threshold: 90 },
  ]);
  connection.closeSync();
});
