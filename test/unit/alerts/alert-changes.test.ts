import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertChanges, lost } from '../../../functions/alerts/alert-changes.ts';
import type { KnownAlert } from '../../../functions/alerts/known-alert.ts';
import type { Alert } from '../../../shared/atlas/api.ts';
import { DAY, MINUTE } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { alertOf, iso } from './alert-documents.ts';

/** Returns the changes that each run finds, `minute` minutes after T: `[change, minutes after T]`. */
function story(observations: readonly (readonly [minute: number, alert: Alert])[]) {
  let known: KnownAlert | undefined;
  let lastRun = T - 5 * MINUTE;
  return observations.map(([minute, alert]) => {
    const now = T + minute * MINUTE;
    const seen = alertChanges(known, alert, { now, lastRun });
    known = seen.known;
    lastRun = now;
    return seen.changes.map(({ change, ts }) => [change, (ts - T) / MINUTE]);
  });
}

const at = (minute: number) => iso(T + Math.round(minute * MINUTE));
const acknowledgedUntil = (minute: number) => ({
  acknowledgedUntil: at(minute),
  acknowledgingUsername: 'somebody@example.com',
  acknowledgementComment: 'Looking.',
});

describe('an alert', () => {
  test('opens when it was created, and does not change with fields that move with every evaluation', () => {
    const moving = (minute: number) =>
      alertOf({
        updated: at(minute),
        lastNotified: at(minute),
        currentValue: { number: minute, units: 'RAW' },
        links: [{ href: String(minute), rel: 'self' }],
      });
    expect(story([5, 10, 15].map((minute) => [minute, moving(minute)] as const))).toEqual([
      [['opened', 0]],
      [],
      [],
    ]);
  });

  test('is updated when it opens after tracking, and when any other field changes', () => {
    expect(
      story([
        [5, alertOf({ status: 'TRACKING' })],
        [10, alertOf({ updated: at(8) })],
        [15, alertOf({ updated: at(8), somethingNew: { deep: [1] } })],
        [20, alertOf({ updated: at(8), somethingNew: { deep: [2] } })],
      ]),
    ).toEqual([[['opened', 0]], [['updated', 8]], [['updated', 15]], [['updated', 20]]]);
  });

  test('does not change with the order of its keys', () => {
    const alert = alertOf({ a: { b: 1, c: 2 } });
    const { id, ...rest } = alertOf({ a: { c: 2, b: 1 } }).document;
    expect(
      story([
        [5, alert],
        [10, { ...alert, document: { ...rest, id } }],
      ])[1],
    ).toEqual([]);
  });

  test('closes when it was resolved, and never again', () => {
    const closed = { status: 'CLOSED', resolved: at(7), updated: at(7) };
    expect(
      story([
        [5, alertOf()],
        [10, alertOf(closed)],
        [15, alertOf({ ...closed, updated: at(15), lastNotified: at(15), more: 1 })],
        // A delayed list shows it open once more.
        [20, alertOf()],
      ]),
    ).toEqual([[['opened', 0]], [['closed', 7]], [], []]);
  });

  test('is cancelled when it was resolved, or else when it was last updated', () => {
    const story1 = story([
      [5, alertOf()],
      [10, alertOf({ status: 'CANCELLED', updated: at(6) })],
    ]);
    expect(story1[1]).toEqual([['cancelled', 6]]);
    const story2 = story([
      [5, alertOf()],
      [10, alertOf({ status: 'CANCELLED', resolved: at(6), updated: at(9) })],
    ]);
    expect(story2[1]).toEqual([['cancelled', 6]]);
  });

  test('is open when its status is unknown', () => {
    expect(
      story([
        [5, alertOf({ status: 'SNOOZED' })],
        [10, alertOf()],
      ]),
    ).toEqual([[['opened', 0]], [['updated', 10]]]);
  });

  test('is updated and closed when it changed and closed since the last run', () => {
    const closed = { status: 'CLOSED', resolved: at(8), updated: at(9), replicaSetName: 'rs1' };
    expect(
      story([
        [5, alertOf({ replicaSetName: 'rs0' })],
        [10, alertOf(closed)],
      ])[1],
    ).toEqual([
      ['updated', 8],
      ['closed', 8],
    ]);
  });

  test('continues when Atlas lost it and shows it again', () => {
    const { known } = alertChanges(undefined, alertOf(), { now: T + MINUTE, lastRun: T });
    const gone = lost(known, T + 5 * MINUTE);
    expect(gone.phase).toBe('lost');
    const time = { now: T + 20 * MINUTE, lastRun: T + 15 * MINUTE };
    expect(alertChanges(gone, alertOf(), time)).toMatchObject({ changes: [], known: { phase: 'open' } });
    const closed = alertOf({ status: 'CLOSED', resolved: at(18) });
    expect(alertChanges(gone, closed, time).changes).toEqual([{ change: 'closed', ts: T + 18 * MINUTE }]);
  });
});

describe('an acknowledgement', () => {
  test('gets the time of an update since the last run, or else the time of observation', () => {
    const forEver = { acknowledgedUntil: iso(T + 100 * 365 * DAY), acknowledgingUsername: 'x@example.com' };
    expect(
      story([
        [5, alertOf()],
        [10, alertOf({ ...forEver, updated: at(7) })],
      ])[1],
    ).toEqual([['acknowledged', 7]]);
    expect(
      story([
        [5, alertOf()],
        [10, alertOf({ ...forEver, updated: at(3) })],
      ])[1],
    ).toEqual([['acknowledged', 10]]);
    // Forever is beyond the stored range of seconds, and must not end because of that.
    const again = alertOf({ ...forEver, updated: at(12) });
    expect(
      story([
        [5, again],
        [10, again],
      ])[1],
    ).toEqual([]);
  });

  test('ends at its own time when it expires, whether or not the document still has it', () => {
    const until = acknowledgedUntil(12);
    const opened = [
      ['opened', 0],
      ['acknowledged', 5],
    ];
    expect(
      story([
        [5, alertOf(until)],
        [10, alertOf(until)],
        [15, alertOf(until)],
        [20, alertOf(until)],
      ]),
    ).toEqual([opened, [], [['unacknowledged', 12]], []]);
    expect(
      story([
        [5, alertOf(until)],
        [15, alertOf()],
      ]),
    ).toEqual([opened, [['unacknowledged', 12]]]);
  });

  test('ends at the time of observation when it is revoked', () => {
    expect(
      story([
        [5, alertOf(acknowledgedUntil(60))],
        [10, alertOf({ updated: at(9) })],
      ])[1],
    ).toEqual([['unacknowledged', 9]]);
  });

  test('does not begin because a document names who once acknowledged', () => {
    const name = { acknowledgingUsername: 'x@example.com' };
    expect(
      story([
        [5, alertOf(name)],
        [10, alertOf(name)],
      ]),
    ).toEqual([[['opened', 0]], []]);
  });

  test('is an update when it is extended or gets another comment', () => {
    const first = acknowledgedUntil(60);
    expect(
      story([
        [5, alertOf(first)],
        [10, alertOf(acknowledgedUntil(90))],
      ])[1],
    ).toEqual([['updated', 10]]);
    const other = { ...first, acknowledgementComment: 'Still looking.' };
    expect(
      story([
        [5, alertOf(first)],
        [10, alertOf(other)],
      ])[1],
    ).toEqual([['updated', 10]]);
  });

  test('ends and begins again when a new one follows an expired one', () => {
    expect(
      story([
        [5, alertOf(acknowledgedUntil(7))],
        [10, alertOf({ ...acknowledgedUntil(60), updated: at(9) })],
      ])[1],
    ).toEqual([
      ['unacknowledged', 7],
      ['acknowledged', 9],
    ]);
  });

  test('does not end with the alert', () => {
    const until = acknowledgedUntil(60);
    const closed = { ...until, status: 'CLOSED', resolved: at(8), updated: at(8) };
    expect(
      story([
        [5, alertOf(until)],
        [10, alertOf(closed)],
      ])[1],
    ).toEqual([['closed', 8]]);
  });
});

describe('an alert that has ended before it is first observed', () => {
  test('gets a row for each change that its document shows', () => {
    const closed = { status: 'CLOSED', resolved: at(4), updated: at(4) };
    expect(story([[5, alertOf(closed)]])).toEqual([
      [
        ['opened', 0],
        ['closed', 4],
      ],
    ]);
    expect(story([[5, alertOf({ ...closed, ...acknowledgedUntil(60) })]])).toEqual([
      [
        ['opened', 0],
        ['acknowledged', 4],
        ['closed', 4],
      ],
    ]);
    expect(story([[5, alertOf({ ...closed, ...acknowledgedUntil(2) })]])).toEqual([
      [
        ['opened', 0],
        ['acknowledged', 2],
        ['unacknowledged', 2],
        ['closed', 4],
      ],
    ]);
  });

  test('ends when it was resolved, even if that was years ago and Atlas has updated it since', () => {
    const changes = story([
      [
        5,
        alertOf({
          created: iso(T - 900 * DAY),
          resolved: iso(T - 800 * DAY),
          status: 'CLOSED',
          updated: at(3),
        }),
      ],
    ]);
    expect(changes).toEqual([
      [
        ['opened', -900 * 24 * 60],
        ['closed', -800 * 24 * 60],
      ],
    ]);
  });
});

describe('when clocks disagree', () => {
  test('no change is dated before the previous one', () => {
    // Atlas's clock is an hour ahead, then an hour behind.
    expect(
      story([
        [5, alertOf({ created: at(60) })],
        [10, alertOf({ created: at(60), ...acknowledgedUntil(200), updated: at(65) })],
        [15, alertOf({ created: at(60), ...acknowledgedUntil(200), status: 'CLOSED', resolved: at(-45) })],
      ]),
    ).toEqual([[['opened', 60]], [['acknowledged', 60]], [['closed', 60]]]);
  });

  // To the millisecond, although states are stored to the second.
  const minute = fc.integer({ min: -200 * MINUTE, max: 200 * MINUTE }).map((instant) => instant / MINUTE);
  const observation = fc.record({
    /** The run's own clock may go back. */
    now: minute,
    lastRun: minute,
    status: fc.constantFrom('OPEN', 'TRACKING', 'CLOSED', 'CANCELLED', 'SOMETHING'),
    updated: fc.option(minute),
    resolved: fc.option(minute),
    until: fc.option(minute),
    who: fc.option(fc.constantFrom('a@example.com', 'b@example.com')),
    field: fc.constantFrom('x', 'y'),
    lost: fc.boolean(),
  });

  test('any sequence of observations opens once, first, ends at most once, last, in order, without a row twice', () => {
    fc.assert(
      fc.property(minute, fc.array(observation, { minLength: 1, maxLength: 12 }), (created, observations) => {
        let known: KnownAlert | undefined;
        const all: { change: string; ts: number; run: number }[] = [];
        for (const [run, seen] of observations.entries()) {
          const optional = (name: string, value: number | null) =>
            value === null ? {} : { [name]: at(value) };
          const alert = alertOf({
            created: at(created),
            status: seen.status,
            updated: null,
            ...optional('updated', seen.updated),
            ...optional('resolved', seen.resolved),
            ...optional('acknowledgedUntil', seen.until),
            acknowledgingUsername: seen.who,
            field: seen.field,
          });
          const now = T + Math.round(seen.now * MINUTE);
          if (known?.phase === 'open' && seen.lost) known = lost(known, now);
          const result = alertChanges(known, alert, { now, lastRun: T + Math.round(seen.lastRun * MINUTE) });
          known = result.known;
          all.push(...result.changes.map((change) => ({ ...change, run })));
        }
        const names = all.map(({ change }) => change);
        expect(names.filter((name) => name === 'opened')).toEqual(['opened']);
        expect(names[0]).toBe('opened');
        const ends = names.filter((name) => name === 'closed' || name === 'cancelled');
        expect(ends.length).toBeLessThanOrEqual(1);
        if (ends.length === 1) expect(names.at(-1)).toBe(ends[0]);
        expect(all.map(({ ts }) => ts)).toEqual(all.map(({ ts }) => ts).toSorted((a, b) => a - b));
        // Acknowledged and unacknowledged alternate.
        const turns = names.filter((name) => name.endsWith('acknowledged'));
        expect(turns).toEqual(turns.map((_, index) => (index % 2 === 0 ? 'acknowledged' : 'unacknowledged')));
        const keys = all.map(({ change, ts, run }) => `${change} ${ts} ${run}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
