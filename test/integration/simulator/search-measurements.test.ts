import { afterEach, expect, test } from 'vitest';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { settledPoints } from '../../../simulator/series.ts';
import { MINUTE, SECOND } from '../../../simulator/time.ts';
import { T } from '../../support/times.ts';
import { type Api, listOf, startApi } from './api-client.ts';
import { iso } from './measurement-client.ts';

const FROM = T - 20 * MINUTE;
const TO = T - 10 * MINUTE;

function organisationWith(withoutSearch: 'empty' | 'refused') {
  const clusters = [
    { name: 'searched', type: 'SHARDED' as const, shards: 1, nodes: 1, configNodes: 0, search: {} },
    { name: 'plain', nodes: 1 },
  ];
  return createOrganisation({ withoutSearch, projects: [{ name: 'p', clusters }] });
}

let api: Api;
afterEach(() => api.simulator.close());

async function read(organisation: ReturnType<typeof createOrganisation>, place: number, more = '') {
  api = await startApi({ organisation, now: T, rateLimits: false });
  const [{ id: projectId = '', processes = [] } = {}] = organisation.projects;
  const target = { projectId, processId: processes[place]?.id ?? '', search: true as const };
  const span = `granularity=PT1M&start=${iso(FROM)}&end=${iso(TO - SECOND)}${more}`;
  const path = `/groups/${projectId}/hosts/${target.processId}/fts/metrics/measurements?${span}`;
  return { target, ...(await api.get(path)) };
}

const namesOf = (list: unknown) => listOf(list).map(({ name }) => name);

test('Atlas Search has eight series of hardware and two of status, whose first rates are null', async () => {
  const organisation = organisationWith('empty');
  const { target, document } = await read(organisation, 0);
  const { hardwareMeasurements, statusMeasurements, ...rest } = document;
  expect(Object.keys(rest).sort()).toEqual(['end', 'granularity', 'groupId', 'links', 'processId', 'start']);
  expect(namesOf(hardwareMeasurements)).toHaveLength(8);
  expect(namesOf(statusMeasurements)).toEqual(['JVM_CURRENT_MEMORY', 'JVM_MAX_MEMORY']);
  const found = [...listOf(hardwareMeasurements), ...listOf(statusMeasurements)].flatMap(
    ({ name, dataPoints }) =>
      listOf(dataPoints).map(({ timestamp, value }, index) => {
        const isFirstRate = index === 0 && String(name).includes('_CPU_');
        expect(value === null).toBe(isFirstRate);
        return isFirstRate ? null : `${name} ${Date.parse(String(timestamp))} ${value}`;
      }),
  );
  const expected = settledPoints(organisation, target, 'PT1M', FROM, TO).map(
    ({ measurement, timestamp, value }) =>
      timestamp === FROM && measurement.includes('_CPU_') ? null : `${measurement} ${timestamp} ${value}`,
  );
  expect(found).toEqual(expected);
});

test('a mongos and a cluster without Atlas Search have the series, without points', async () => {
  const { document } = await read(organisationWith('empty'), 1);
  const all = [...listOf(document['hardwareMeasurements']), ...listOf(document['statusMeasurements'])];
  expect(all.map(({ dataPoints }) => dataPoints)).toEqual(Array(10).fill([]));
});

test('an organisation can refuse hosts without Atlas Search', async () => {
  const { status, document } = await read(organisationWith('refused'), 2);
  expect([status, document['errorCode']]).toEqual([400, 'ATLAS_SEARCH_DEPLOYMENT_DOES_NOT_EXIST']);
});

test('metrics selects series, and an unknown one is refused', async () => {
  const { document } = await read(organisationWith('empty'), 0, '&metrics=JVM_MAX_MEMORY');
  expect([namesOf(document['hardwareMeasurements']), namesOf(document['statusMeasurements'])]).toEqual([
    [],
    ['JVM_MAX_MEMORY'],
  ]);
  await api.simulator.close();
  const wrong = await read(organisationWith('empty'), 0, '&metrics=HEAT');
  expect([wrong.status, wrong.document['errorCode']]).toEqual([400, 'INVALID_METRIC_NAME']);
});
