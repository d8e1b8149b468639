import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AccessHistory } from '../../../shared/atlas/api.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { answerOf, HostHistory, historyOf, type MadeEntry } from './host-history.ts';

/** Runs that read only a few windows each, because the rate limit gives them no more requests. */

const SETTLE = 5 * MINUTE;
const LOOKBACK = 4 * MINUTE;
const SETTINGS = { settle: SETTLE, overlap: LOOKBACK, backfill: 10 * MINUTE };

/** Answers as if a response held fewer entries than 20,000. */
function smallAnswers(entries: readonly MadeEntry[], most: number) {
  const answer = answerOf(entries, most);
  return (span: { start: number; end: number }, now: number): AccessHistory => {
    const given = [answer(span, now)].flat().flatMap((one) => ('entries' in one ? one.entries : [one]));
    return { ...historyOf(given), given: given.length >= most ? 20_000 : given.length };
  };
}

const STEADY = { settles: [SETTLE], overlaps: [LOOKBACK], minutes: [0, 0, 0, 1, 5, 10] };
/** Settings change between runs, and the message of an older tick may come late. */
const CHANGING = {
  settles: [3, 5, 8].map((minutes) => minutes * MINUTE),
  overlaps: [2, 4, 9].map((minutes) => minutes * MINUTE),
  minutes: [...STEADY.minutes, -3, -10],
};

it.each([
  ['and entries come late', STEADY],
  ['and settings and ticks change', CHANGING],
])(
  'reads each entry once, in the end, however few requests runs have, %s',
  async (_, { settles, overlaps, minutes }) => {
    const settle = Math.min(...settles);
    const entry = fc.record({
      second: fc.integer({ min: -15 * 60, max: 30 * 60 }),
      // A request covers a second on both sides, so an entry may come until then.
      late: fc.integer({ min: 0, max: (settle + Math.min(...overlaps)) / SECOND - 2 }),
    });
    const run = fc.record({
      after: fc.constantFrom(...minutes),
      steps: fc.integer({ min: 1, max: 4 }),
      settle: fc.constantFrom(...settles),
      overlap: fc.constantFrom(...overlaps),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 80, size: 'max' }),
        fc.array(run, { minLength: 1, maxLength: 25, size: 'max' }),
        fc.integer({ min: 4, max: 40 }),
        async (made, runs, most) => {
          const entries = made.map(({ second, late }, index) => {
            const time = T + second * SECOND;
            return { line: `line ${index}`, time, visibleFrom: time + late * SECOND };
          });
          const host = new HostHistory(smallAnswers(entries, most));
          host.meet(T, SETTINGS);
          const lines: string[] = [];
          const gaps: Array<{ from: number; to: number }> = [];
          const collect = async (tick: number, settings: Partial<typeof SETTINGS>, steps?: number) => {
            const written = await host.run(tick, { ...SETTINGS, ...settings }, steps);
            lines.push(...written.lines);
            gaps.push(...written.gaps);
          };
          let tick = T;
          let latest = T;
          for (const { after, steps, ...settings } of runs) {
            tick = Math.max(T, tick + after * MINUTE);
            latest = Math.max(latest, tick);
            await collect(tick, settings, steps);
          }
          const thorough = { settle, overlap: Math.max(...overlaps) };
          await collect(latest, thorough);
          // The first of them may only have ended a pass that began with other settings.
          if (settles.length > 1) await collect(latest + MINUTE, thorough);
          expect(new Set(lines).size).toBe(lines.length);
          const due = entries.filter(
            ({ time, visibleFrom }) =>
              time >= T - SETTINGS.backfill &&
              time < latest - settle &&
              visibleFrom <= latest &&
              !gaps.some(({ from, to }) => time >= from && time < to),
          );
          expect(lines).toEqual(expect.arrayContaining(due.map(({ line }) => line)));
        },
      ),
      { numRuns: 500 },
    );
  },
);

it.each([
  ['after its watermark', 0],
  ['in its lookback, where the entries came late', -2],
])('passes a host with a flood %s, with one request in each run', async (_, minutes) => {
  const watermark = T - SETTLE;
  const flood = Array.from({ length: 50 }, (_, index) => {
    return {
      line: `flood ${index}`,
      time: watermark + minutes * MINUTE + index * SECOND,
      visibleFrom: T + 1,
    };
  });
  const host = new HostHistory(smallAnswers(flood, 10));
  host.meet(T, SETTINGS);
  await host.run(T, SETTINGS);
  const lines: string[] = [];
  // Halving down to ten seconds and reading all windows takes fewer requests than there are seconds.
  for (let run = 0; run < 120; run += 1) lines.push(...(await host.run(T + 10 * MINUTE, SETTINGS, 1)).lines);
  expect(lines.sort()).toEqual(flood.map(({ line }) => line).sort());
});
