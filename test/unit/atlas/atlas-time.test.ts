import { describe, expect, test } from 'vitest';
import { AtlasTime } from '../../../shared/atlas/atlas-time.ts';
import type { HttpResponse } from '../../../shared/atlas/transport.ts';
import { DAY, MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';

/** Atlas's clock, ours ahead of it, and what answers say. */
function clocks(ahead: number) {
  const state = { atlas: T, ahead };
  const clock = { now: () => state.atlas + state.ahead, sleep: async () => {} };
  const time = new AtlasTime(clock);
  const answer = (headers: HttpResponse['headers'], { took = 0, status = 200 } = {}) => {
    const sentAt = clock.now();
    state.atlas += took;
    time.note({ status, headers, text: '' }, sentAt);
  };
  const dated = (instant: number) => ({ date: new Date(instant).toUTCString() });
  return { state, clock, time, answer, dated, lead: () => time.now() - state.atlas };
}

describe("Atlas's time", () => {
  test('a clock that is days ahead is held back to what the answer says, up to its second', () => {
    const { time, answer, dated, lead, state } = clocks(3 * DAY);
    expect(lead()).toBe(3 * DAY);
    answer(dated(T));
    expect([time.isFresh, lead()]).toEqual([true, SECOND]);
    state.atlas += 5 * MINUTE;
    expect(lead()).toBe(SECOND);
  });

  test('answers that take long make the limit no lower than the clock where both clocks agree', () => {
    const { answer, dated, lead } = clocks(0);
    answer(dated(T), { took: 20 * SECOND });
    answer(dated(T + 20 * SECOND), { took: 700 });
    expect(lead()).toBe(0);
  });

  test('a clock that is behind stays as it is, and the limit is known all the same', () => {
    const { time, answer, dated, lead } = clocks(-3 * DAY);
    answer(dated(T));
    expect([lead(), time.latest]).toEqual([-3 * DAY, T + SECOND]);
  });

  test.each([
    ['no date', {}],
    ['what is no date', { date: 'yesterday' }],
    ['a date from before there was this program', { date: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    ['several dates', { date: ['Mon, 02 Mar 2026 12:00:00 GMT', 'Mon, 02 Mar 2026 12:00:01 GMT'] }],
  ])('%s gives no limit', (_, headers) => {
    const { time, answer, lead } = clocks(DAY);
    answer(headers);
    expect([time.latest, lead()]).toEqual([undefined, DAY]);
  });

  test("a gateway's error gives no limit", () => {
    const { time, answer, dated } = clocks(0);
    answer(dated(T - DAY), { status: 503 });
    expect(time.latest).toBeUndefined();
  });

  test('an answer from a cache counts with its age, and one without age not by itself', () => {
    const { answer, dated, lead, state } = clocks(0);
    answer({ ...dated(T - 30 * MINUTE), age: String(30 * 60) });
    expect(lead()).toBe(0);
    answer(dated(T - 30 * MINUTE));
    expect(lead()).toBe(0);
    answer(dated(state.atlas));
    answer(dated(T - 30 * MINUTE));
    expect(lead()).toBe(0);
  });

  test('a clock that is set forward is noticed by the second answer, or the first after ten minutes', () => {
    const first = clocks(0);
    first.answer(first.dated(T));
    first.state.ahead = DAY;
    // Ours shows that the last answer is a day old.
    expect(first.time.isFresh).toBe(false);
    first.answer(first.dated(T));
    expect(first.lead()).toBe(SECOND);
    const second = clocks(0);
    second.answer(second.dated(T));
    second.state.ahead = 5 * MINUTE;
    second.answer(second.dated(T));
    second.answer(second.dated(T));
    expect(second.lead()).toBe(SECOND);
  });

  test('a clock that is set back is no longer held back', () => {
    const { answer, dated, lead, state } = clocks(5 * MINUTE);
    answer(dated(T));
    state.ahead = 0;
    answer(dated(T));
    expect(lead()).toBe(0);
  });
});
