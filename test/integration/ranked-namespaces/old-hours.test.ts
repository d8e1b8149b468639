import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { rankedNamespacesDataset } from '../../../functions/ranked-namespaces/collector.ts';
import { DAY, HOUR } from '../../../shared/durations.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import { targetOf } from '../../support/target.ts';
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

test.each<[string, Answer, { watermark: number; unavailableOn?: string }, string | null]>([
  ['refuses becomes a gap', refusal, { watermark: old }, refused],
  ['has no names for becomes a gap', nothing, { watermark: old }, NO_NAMES],
  ['refuses is no gap if it was empty before', refusal, { watermark: settled }, null],
  ['has no names for is no gap if it was empty before', nothing, { watermark: settled }, null],
  [
    'refuses is no gap before a day on which it had nothing at all',
    refusal,
    { watermark: old, unavailableOn: '2026-02-27' },
    null,
  ],
  [
    'has no names for is no gap before a day on which it had nothing at all',
    nothing,
    { watermark: old, unavailableOn: '2026-02-27' },
    null,
  ],
  [
    'has no names for becomes a gap on a day on which it had nothing at all',
    nothing,
    { watermark: old, unavailableOn: '2026-02-26' },
    NO_NAMES,
  ],
])('an old hour that Atlas %s', async (_, answer, { watermark, unavailableOn = null }, reason) => {
  atlas = await ScriptedAtlas.start((_request, response) => answer(response));
  const subject = { kind: 'project', id: PROJECT } as const;
  const { defaults } = rankedNamespacesDataset;
  await rankedNamespacesDataset.withCollector(defaults, subject, async (collector, codec) => {
    const waiting = watermark > old ? [[old, old + 2 * HOUR, old + 2 * HOUR]] : [];
    const stored = { '': { unavailable_on: unavailableOn, nothing_before: null, empty: waiting } };
    const state = codec.decode(stored, new Map([[SELF, watermark]]), 1, 'process').get(SELF);
    if (state === undefined) throw new Error('the state was not decoded');
    const step = collector.nextStep(targetOf(state, { source: PROCESS, listingAt: T }), { tick: T, now: T });
    const outcome = await step?.(atlas.session(), () => T);
    expect(outcome?.gaps).toEqual(reason === null ? [] : [{ from: old, to: old + HOUR, reason }]);
    // It is not requested again.
    expect(outcome?.state.watermark).toBe(Math.max(watermark, old + HOUR));
    expect(JSON.stringify(codec.encode(new Map([[SELF, outcome?.state ?? state]])))).not.toContain(
      String(old),
    );
  });
});
