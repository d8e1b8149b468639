import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_NAME_LENGTH } from '../../../shared/atlas/api.ts';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { type LakeRow, tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

/** Resources that are listed by other resources, of which some cannot be read. */

const organisation = createOrganisation({
  projects: [
    {
      name: 'one',
      clusters: [
        { name: 'orders', nodes: 1 },
        { name: 'stock', nodes: 1 },
      ],
    },
  ],
});
const project = organisation.projects[0]?.id ?? '';

let scenario: Scenario;
let proxy: FaultProxy;
beforeEach(async () => {
  scenario = await startScenario({
    organisation,
    start: T,
    async front(simulator) {
      proxy = await startFaultProxy(simulator.url);
      return proxy.endpoint;
    },
  });
});
afterEach(async () => {
  await scenario.close();
  await proxy.close();
});

const rowsOf = async (type: string): Promise<LakeRow[]> =>
  (await tableRows(scenario.bucket, 'inventory')).filter((row) => row['resource_type'] === type);

async function run(at: number) {
  const runs = await scenario.tick(at, ['inventory']);
  return runs.find((summary) => summary.project === project);
}

async function notesOf(): Promise<string> {
  return (await tableRows(scenario.bucket, 'collection_runs')).map((row) => row['notes']).join('\n');
}

const provider = (row: LakeRow) => String(row['parent']).split('/')[0];

describe('one provider whose private endpoint services cannot be listed', () => {
  const fail = (status: number, errorCode: string) =>
    scenario.simulator.faults.add({
      kind: 'status',
      pattern: /privateEndpoint\/GCP\/endpointService$/,
      status,
      errorCode,
    });

  test.each([
    [403, 'PRIVATE_LINK_NOT_ENABLED'],
    [404, 'PRIVATE_SERVICE_CONNECT_NOT_FOUND'],
    [400, 'PROVIDER_UNSUPPORTED'],
  ])('hides no endpoint of the others, and is noted: %i %s', async (status, errorCode) => {
    fail(status, errorCode);
    expect(await run(T)).toMatchObject({ outcome: 'complete' });
    expect(new Set((await rowsOf('private_endpoint')).map(provider))).toEqual(new Set(['AWS', 'AZURE']));
    expect(await notesOf()).toContain(
      `private_endpoint_service cannot be read: Atlas answered ${status} ${errorCode}`,
    );
  });

  test('hides no endpoint of the others if it fails, and the run is partial', async () => {
    fail(500, 'UNEXPECTED_ERROR');
    const summary = await run(T);
    expect(summary).toMatchObject({ outcome: 'partial' });
    expect(summary?.failures.map(({ target }) => target).sort()).toEqual([
      'private_endpoint',
      'private_endpoint_service/GCP',
    ]);
    expect(new Set((await rowsOf('private_endpoint')).map(provider))).toEqual(new Set(['AWS', 'AZURE']));
  });

  test.each([
    [403, 'PRIVATE_LINK_NOT_ENABLED'],
    [500, 'UNEXPECTED_ERROR'],
  ])('removes none of its known endpoints: %i %s', async (status, errorCode) => {
    await run(T);
    const before = await rowsOf('private_endpoint');
    expect(new Set(before.map(provider))).toEqual(new Set(['AWS', 'AZURE', 'GCP']));
    const end = fail(status, errorCode);
    for (const hours of [1, 2, 3]) await run(T + hours * HOUR);
    end();
    await run(T + 4 * HOUR);
    expect(await rowsOf('private_endpoint')).toEqual(before);
  });
});

describe('a cluster without a readable name', () => {
  test.each([
    ['null', null],
    ['no text', 7],
    ['empty', ''],
    ['half of a surrogate pair', '\ud800x'],
    ['too long', 'x'.repeat(MAX_NAME_LENGTH + 1)],
  ])('is reported, and the other cluster is read: %s', async (_what, name) => {
    await run(T);
    const before = await rowsOf('backup_schedule');
    expect(before.map((row) => row['parent']).sort()).toEqual(['orders', 'stock']);
    const end = proxy.alter(
      ({ path }) => /\/clusters\?/.test(path),
      (answer) => {
        const document = JSON.parse(answer.body.toString());
        const [cluster] = document.results.filter((one: { name: string }) => one.name === 'orders');
        cluster.name = name;
        return { ...answer, body: Buffer.from(JSON.stringify(document)) };
      },
    );
    for (const hours of [1, 2, 3])
      expect(await run(T + hours * HOUR)).toMatchObject({ outcome: 'partial', unreadableItems: 1 });
    expect(await notesOf()).toContain('list cluster: an item cannot be read and was skipped: results.name');
    end();
    expect(await run(T + 4 * HOUR)).toMatchObject({ outcome: 'complete', unreadableItems: 0 });
    expect(await rowsOf('backup_schedule')).toEqual(before);
  });
});
