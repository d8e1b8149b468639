import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { tableRows } from '../../support/lake-files.ts';
import { startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';
import { SkippingClock } from '../../unit/atlas/fake-clock.ts';
import { failureOf, json, ONE_DISK, PROCESS, PROJECT, ScriptedAtlas, TOKEN } from './scripted-atlas.ts';

let atlas: ScriptedAtlas | undefined;
afterEach(async () => {
  await atlas?.stop();
  atlas = undefined;
});

test('reads a body with a byte order mark in x-gzip', async () => {
  atlas = await ScriptedAtlas.start((_request, response) => {
    const body = gzipSync(Buffer.from(`\uFEFF${JSON.stringify(ONE_DISK)}`));
    response.writeHead(200, { 'content-encoding': 'x-gzip' }).end(body);
  });
  expect(await atlas.session().listDisks(PROJECT, PROCESS)).toEqual(wholeListing(['data']));
});

test('uses a token without expires_in', async () => {
  atlas = await ScriptedAtlas.start((_request, response) => json(response, 200, ONE_DISK));
  atlas.onToken = (_request, response) => json(response, 200, { access_token: TOKEN, token_type: 'Bearer' });
  const session = atlas.session();
  for (let time = 0; time < 3; time += 1) await session.listDisks(PROJECT, PROCESS);
  expect(atlas.tokenRequests).toHaveLength(1);
});

test.each([202, 102])('polls after a %d until the response is ready', async (status) => {
  atlas = await ScriptedAtlas.start((_request, response, count) => {
    if (count < 12) response.writeHead(status).end();
    else json(response, 200, ONE_DISK);
  });
  expect(await atlas.session().listDisks(PROJECT, PROCESS)).toEqual(wholeListing(['data']));
});

test('fails at the deadline if the response is never ready', async () => {
  atlas = await ScriptedAtlas.start((_request, response) => response.writeHead(202).end());
  const clock = new SkippingClock();
  const session = atlas.client({ clock }).session({ deadline: clock.now() + 120_000 });
  expect(await failureOf(session.listDisks(PROJECT, PROCESS))).toMatchObject({ problem: 'not-ready' });
  expect(session.traffic.requests).toBeGreaterThan(5);
});

test('returns the response that follows a 102 on the same connection', async () => {
  const body = JSON.stringify(ONE_DISK);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const token = JSON.stringify({ access_token: TOKEN, token_type: 'Bearer' });
      const text = String(data).startsWith('POST') ? token : body;
      socket.write('HTTP/1.1 102 Processing\r\n\r\n');
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  atlas = await ScriptedAtlas.start(() => {});
  const session = atlas.session({ baseUrl: `http://127.0.0.1:${port}` });
  expect(await session.listDisks(PROJECT, PROCESS)).toEqual(wholeListing(['data']));
  server.close();
});

test('notes the end of a version in each run, once for each operation', async () => {
  const organisation = createOrganisation({
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1, databases: ['a', 'b'], disks: ['data'] }] }],
  });
  const sunset = 'Mon, 01 Mar 2027 00:00:00 GMT';
  const deprecations = { databaseMeasurements: { sunset }, listDatabases: { sunset } };
  const scenario = await startScenario({ organisation, start: T, simulator: { deprecations } });
  try {
    for (const at of [T, T + 1_200_000]) await scenario.tick(at, ['database_measurements']);
    const rows = await tableRows(scenario.bucket, 'collection_runs');
    const notes = rows.map((row) => JSON.parse(String(row['notes'])));
    expect(notes[0]?.sort()).toEqual([
      'databaseMeasurements: Atlas withdraws this version on 2027-03-01',
      'listDatabases: Atlas withdraws this version on 2027-03-01',
    ]);
    expect(notes[1]).toContain('databaseMeasurements: Atlas withdraws this version on 2027-03-01');
  } finally {
    await scenario.close();
  }
});

test('counts an empty document as no search deployment', async () => {
  const organisation = createOrganisation({ projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1 }] }] });
  const scenario = await startScenario({ organisation, start: T });
  try {
    scenario.simulator.faults.add({ kind: 'wrong-shape', pattern: /search\/deployment$/, body: {} });
    for (const run of await scenario.tick(T, ['inventory']))
      expect(run).toMatchObject({ outcome: 'complete' });
    const types = (await tableRows(scenario.bucket, 'inventory')).map((row) => row['resource_type']);
    expect(types).not.toContain('search_deployment');
  } finally {
    await scenario.close();
  }
});
