import { describe, expect, test } from 'vitest';
import { AtlasTime } from '../../../shared/atlas/atlas-time.ts';
import type { HttpResponse } from '../../../shared/atlas/transport.ts';
import { DAY, MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';

/** Creates Atlas's clock, ours with a given lead, and a function that receives responses. */
function clocks(ahead: number) {
  const state = { atlas: T, ahead };
  const clock = { now: () => state.atlas + state.ahead, sleep: async () => {} };
  const time = new AtlasTime(clock);
  const receive = (headers: HttpResponse['headers'], { took = 0, status = 200 } = {}) => {
    const sentAt = clock.now();
    state.atlas += took;
    time.note({ status, headers, text: '' }, sentAt);
  };
  const dated = (instant: number) => ({ date: new Date(instant).toUTCString() });
  return { state, clock, time, receive, dated, lead: () => time.now() - state.atlas };
}

describe('AtlasTime', () => {
  test("limits a clock that is days ahead to the response's date, up to its second", () => {
    const { time, receive, dated, lead, state } = clocks(3 * DAY);
    expect(lead()).toBe(3 * DAY);
    receive(dated(T));
    expect([time.isFresh, lead()]).toEqual([true, SECOND]);
    state.atlas += 5 * MINUTE;
    expect(lead()).toBe(SECOND);
  });

  test('does not go below the clock after slow responses if both clocks agree', () => {
    const { receive, dated, lead } = clocks(0);
    receive(dated(T), { took: 20 * SECOND });
    receive(dated(T + 20 * SECOND), { took: 700 });
    expect(lead()).toBe(0);
  });

  test('keeps a clock that is behind, and still knows the limit', () => {
    const { time, receive, dated, lead } = clocks(-3 * DAY);
    receive(dated(T));
    expect([lead(), time.latest]).toEqual([-3 * DAY, T + SECOND]);
  });

  test.each([
    ['no date', {}],
    ['an invalid date', { date: 'yesterday' }],
    ['a date before 2020', { date: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    ['several dates', { date: ['Mon, 02 Mar 2026 12:00:00 GMT', 'Mon, 02 Mar 2026 12:00:01 GMT'] }],
  ])('learns no limit from %s', (_, headers) => {
    const { time, receive, lead } = clocks(DAY);
    receive(headers);
    expect([time.latest, lead()]).toEqual([undefined, DAY]);
  });

  test("learns no limit from a gateway's error", () => {
    const { time, receive, dated } = clocks(0);
    receive(dated(T - DAY), { status: 503 });
    expect(time.latest).toBeUndefined();
  });

  test('adds the age of a cached response, and ignores a single early one without an age', () => {
    const { receive, dated, lead, state } = clocks(0);
    receive({ ...dated(T - 30 * MINUTE), age: String(30 * 60) });
    expect(lead()).toBe(0);
    receive(dated(T - 30 * MINUTE));
    expect(lead()).toBe(0);
    receive(dated(state.atlas));
    receive(dated(T - 30 * MINUTE));
    expect(lead()).toBe(0);
  });

  test('notices a clock that was set forward on the second response, or on the first after ten minutes', () => {
    const first = clocks(0);
    first.receive(first.dated(T));
    first.state.ahead = DAY;
    // By our clock, the last response is a day old.
    expect(first.time.isFresh).toBe(false);
    first.receive(first.dated(T));
    expect(first.lead()).toBe(SECOND);
    const second = clocks(0);
    second.receive(second.dated(T));
    second.state.ahead = 5 * MINUTE;
    second.receive(second.dated(T));
    second.receive(second.dated(T));
    expect(second.lead()).toBe(SECOND);
  });

  test('no longer limits a clock that was set back', () => {
    const { receive, dated, lead, state } = clocks(5 * MINUTE);
    receive(dated(T));
    state.ahead = 0;
    receive(dated(T));
    expect(lead()).toBe(0);
  });
});
