import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { rankedNamespacesDataset } from '../../../functions/ranked-namespaces/dataset.ts';
import { SELF } from '../../../shared/collection/dataset.ts';
import { DAY, HOUR } from '../../../shared/collection/durations.ts';
import { T } from '../../support/times.ts';
import { errorBody, json, PROCESS, PROJECT, ScriptedAtlas } from '../atlas/scripted-atlas.ts';
import { NO_NAMES } from './support.ts';

type Answer = (response: ServerResponse) => void;

let atlas: ScriptedAtlas;
afterEach(() => atlas.stop());

const settled = T - HOUR;
const old = T - 4 * DAY;

const refusal: Answer = (response) => json(response, 400, errorBody(400, 'INVALID_START_DATE'));
const nothing: Answer = (response) => json(response, 200, { rankedNamespaces: [] });
const refused = 'no longer given: 400 INVALID_START_DATE';

test.each<[string, Answer, { mark: number; unavailableOn?: string }, string | null]>([
  ['refuses is a gap', refusal, { mark: old }, refused],
  ['has no names for is a gap', nothing, { mark: old }, NO_NAMES],
  ['refuses, empty before, is none: Atlas has answered for it', refusal, { mark: settled }, null],
  ['has no names for, empty before, is none either', nothing, { mark: settled }, null],
  [
    'refuses is none before a day on which it had nothing at all',
    refusal,
    { mark: old, unavailableOn: '2026-02-27' },
    null,
  ],
  ['has no names for is none before such a day', nothing, { mark: old, unavailableOn: '2026-02-27' }, null],
  ['has no names for is a gap on that day', nothing, { mark: old, unavailableOn: '2026-02-26' }, NO_NAMES],
])('an old hour that Atlas %s', async (_, answer, { mark, unavailableOn = null }, reason) => {
  atlas = await ScriptedAtlas.start((_request, response) => answer(response));
  const { defaults, collector } = rankedNamespacesDataset;
  await collector(defaults, 'project').open(async (typed) => {
    const waiting = mark > old ? [[old, old + 2 * HOUR, old + 2 * HOUR]] : [];
    const stored = { '': { unavailable_on: unavailableOn, nothing_before: null, empty: waiting } };
    const state = typed.decode(stored, new Map([[SELF, mark]]), 1).get(SELF);
    if (state === undefined) throw new Error('the state was not decoded');
    const target = { project: PROJECT, owner: PROCESS, name: SELF, attributes: {}, missingSince: null };
    const step = typed.nextStep({ ...target, listingAt: T, state }, { tick: T, now: T });
    const outcome = await step?.(atlas.session(), () => T);
    expect(outcome?.gaps).toEqual(reason === null ? [] : [{ from: old, to: old + HOUR, reason }]);
    // It is not asked for again.
    expect(outcome?.state.mark).toBe(Math.max(mark, old + HOUR));
    expect(JSON.stringify(typed.encode(new Map([[SELF, outcome?.state ?? state]])))).not.toContain(
      String(old),
    );
  });
});
