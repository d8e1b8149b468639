import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { MINUTE } from '../../../shared/durations.ts';
import { createDigestAuthentication, type NonceOrder } from '../../../simulator/auth/digest.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { startScenario } from '../../support/scenario.ts';
import {
  API_KEY,
  errorBody,
  failureOf,
  json,
  ONE_DISK,
  PROCESS,
  PROJECT,
  ScriptedAtlas,
} from './scripted-atlas.ts';

let atlas: ScriptedAtlas | undefined;
afterEach(async () => {
  await atlas?.stop();
  atlas = undefined;
});

/** Starts a server where requests arrive out of order, and that checks their counts. */
async function start(
  order: NonceOrder,
  stale: boolean,
  privateKey: string = API_KEY.privateKey,
): Promise<ScriptedAtlas> {
  const clock = { now: () => 0 };
  const gate = createDigestAuthentication(
    [{ publicKey: API_KEY.publicKey, privateKey }],
    { ...clock, set() {}, advance() {} },
    MINUTE,
    order,
  );
  return ScriptedAtlas.start(async (request, response, number) => {
    await sleep((number * 7) % 5 === 0 ? 1 : 12);
    const { authorization = '' } = request.headers;
    const verdict = authorization && gate.check(authorization, 'GET', request.url ?? '');
    if (verdict && verdict.kind === 'user') return json(response, 200, ONE_DISK);
    json(response, 401, errorBody(401, 'UNEXPECTED_ERROR'), {
      'www-authenticate': gate.challenge(stale && verdict !== ''),
    });
  });
}

describe('concurrent requests of an API key', () => {
  test.each<[NonceOrder, boolean]>([
    ['any', false],
    ['rising', false],
    ['rising', true],
    ['newest', false],
    ['newest', true],
  ])('all succeed if counts must be %s, with stale=%s', async (order, stale) => {
    atlas = await start(order, stale);
    const session = atlas.session({ credentials: async () => API_KEY });
    const disks = await Promise.all(Array.from({ length: 60 }, () => session.listDisks(PROJECT, PROCESS)));
    expect(disks).toEqual(Array.from({ length: 60 }, () => wholeListing(['data'])));
    // Once the client knows the server, each call sends one request.
    expect(session.traffic.requests).toBeLessThan(order === 'any' ? 62 : 60 + 3 * 10);
  });

  test('report a refusal of every challenge after few requests', async () => {
    atlas = await start('any', false, 'another-key');
    const session = atlas.session({ credentials: async () => API_KEY });
    const failures = await Promise.all(
      Array.from({ length: 6 }, () => failureOf(session.listDisks(PROJECT, PROCESS))),
    );
    for (const error of failures) expect(error).toMatchObject({ name: 'AtlasAuthenticationError' });
    expect(session.traffic.requests).toBeLessThan(25);
  });
});

test.each<NonceOrder>(['rising', 'newest'])(
  'completes a tick with an API key if counts must be %s',
  async (nonceOrder) => {
    const organisation = createOrganisation({
      projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 3, databases: ['a', 'b'], disks: ['data'] }] }],
    });
    const now = Date.parse('2026-03-02T12:00:00Z');
    const scenario = await startScenario({
      organisation,
      start: now,
      apiKey: true,
      simulator: { nonceOrder },
    });
    try {
      for (const run of await scenario.tick(now)) expect(run).toMatchObject({ outcome: 'complete' });
    } finally {
      await scenario.close();
    }
  },
);
