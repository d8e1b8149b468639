import { afterEach, expect, test } from 'vitest';
import { rankedNamespacesDataset } from '../../../functions/ranked-namespaces/dataset.ts';
import { DAY, HOUR } from '../../support/expected-rows.ts';
import { errorBody, json, PROCESS, PROJECT, ScriptedAtlas } from '../atlas/scripted-atlas.ts';
import { T } from './support.ts';

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const settled = T - HOUR;
const old = T - 4 * DAY;

test.each([
  ['that was empty before is no gap: Atlas has answered for it', settled, []],
  [
    'that is new is one',
    old,
    [{ from: old, to: old + HOUR, reason: 'no longer given: 400 INVALID_START_DATE' }],
  ],
])('an old hour that Atlas refuses, and %s', async (_, mark, gaps) => {
  atlas = await ScriptedAtlas.start((_request, response) =>
    json(response, 400, errorBody(400, 'INVALID_START_DATE')),
  );
  const { defaults, collector } = rankedNamespacesDataset;
  await collector(defaults, 'project').open(async (typed) => {
    const empty = mark > old ? [[old, old + 2 * HOUR, old + 2 * HOUR]] : [];
    const stored = { '': { unavailable_on: null, empty } };
    const state = typed.decode(stored, new Map([['', mark]])).get('');
    if (state === undefined) throw new Error('the state was not decoded');
    const target = { project: PROJECT, owner: PROCESS, name: '', attributes: {}, missingSince: null };
    const step = typed.nextStep({ ...target, listingAt: T, state }, { tick: T, now: T });
    const outcome = await step?.(atlas.session(), () => T);
    expect(outcome?.gaps).toEqual(gaps);
    // It is not asked for again.
    expect(outcome?.state.mark).toBe(Math.max(mark, old + HOUR));
    expect(JSON.stringify(typed.encode(new Map([['', outcome?.state ?? state]])))).not.toContain(String(old));
  });
});
