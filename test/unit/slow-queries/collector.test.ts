import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AtlasApiError } from '../../../shared/atlas/errors.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/durations.ts';
import { T } from '../../support/times.ts';
import { type MadeQuery, ProcessHistory, type Written } from './process-history.ts';

const SHORT = { backfill: HOUR };

/** Returns queries with values of their own at the same distance from each other, in [from, to). */
const evenly = (count: number, from: number, to: number): MadeQuery[] =>
  Array.from({ length: count }, (_, index) => ({
    value: `value ${index}`,
    time: from + Math.floor(((to - from) * index) / count),
  }));

const times = ({ rows }: Pick<Written, 'rows'>) => rows.map(({ ts }) => ts).sort((a, b) => a - b);
const timesOf = (queries: readonly MadeQuery[]) => queries.map(({ time }) => time).sort((a, b) => a - b);
const ids = ({ rows }: Pick<Written, 'rows'>) => rows.map((row) => row['record_id']);

const refusal = (status: number, errorCode: string) => () => {
  throw new AtlasApiError(
    { status, errorCode, reason: 'Refused', detail: null },
    { operation: 'slowQueries', attempts: 1 },
  );
};

describe('the slow queries of a process, run by run', () => {
  it('are written once, whatever ends a request includes and however late they appear', async () => {
    const query = fc.record({
      at: fc.integer({ min: -3600, max: 3600 }),
      millisecond: fc.integer({ min: 0, max: 2 }),
      late: fc.integer({ min: 0, max: 2400 }),
    });
    const run = fc.record({
      minutes: fc.integer({ min: 0, max: 15 }),
      settle: fc.integer({ min: 0, max: 600 }),
      overlap: fc.integer({ min: 0, max: 3600 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(query, { maxLength: 60 }),
        fc.array(run, { minLength: 1, maxLength: 8 }),
        fc.record({ areEndsIncluded: fc.boolean(), isOldestFirst: fc.boolean() }),
        fc.boolean(),
        async (made, runs, behaviour, redact) => {
          const queries = made.map(({ at, millisecond, late }, index) => {
            const time = T + at * SECOND + millisecond;
            return { value: `value ${index}`, time, visibleFrom: time + late * SECOND };
          });
          const history = new ProcessHistory(queries, behaviour);
          const rows: Written['rows'] = [];
          let tick = T;
          const read: { tick: number; settled: number }[] = [];
          for (const { minutes, settle, overlap } of runs) {
            tick += minutes * MINUTE;
            const settings = { ...SHORT, settle: settle * SECOND, overlap: overlap * SECOND, redact };
            const written = await history.run(tick, settings);
            rows.push(...written.rows);
            expect(written.gaps).toEqual([]);
            const settled = tick - settle * SECOND;
            if (settled > (read.at(-1)?.settled ?? 0)) read.push({ tick, settled });
          }
          expect(new Set(ids({ rows })).size).toBe(rows.length);
          const due = queries.filter(({ time, visibleFrom }) => {
            const second = Math.floor(time / SECOND) * SECOND;
            const first = read.find(({ settled }) => second < settled);
            return time >= (read[0]?.tick ?? 0) - HOUR && first !== undefined && visibleFrom <= first.tick;
          });
          expect(times({ rows })).toEqual(expect.arrayContaining(timesOf(due)));
          const most = Map.groupBy(queries, ({ time }) => time);
          for (const [time, rowsThen] of Map.groupBy(rows, ({ ts }) => ts))
            expect(rowsThen.length).toBeLessThanOrEqual(most.get(time)?.length ?? 0);
        },
      ),
    );
  });

  it('that differ only in a value are all written, also one that appears later', async () => {
    const same = { time: T - 20 * MINUTE };
    const history = new ProcessHistory([
      { ...same, value: 'ann' },
      { ...same, value: 'bob' },
      { ...same, value: 'ann' },
      { ...same, value: 'eve', visibleFrom: T + MINUTE },
    ]);
    const first = await history.run(T, SHORT);
    const second = await history.run(T + 20 * MINUTE);
    expect([first.rows.length, second.rows.length]).toEqual([2, 1]);
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(3);
    expect(second.measures).toEqual([{ name: 'Lateness', unit: 'Seconds', value: 20 * 60 }]);
    expect((await history.run(T + 25 * MINUTE)).rows).toEqual([]);
  });

  it.each([true, false])(
    'are one entry if Atlas says less beside them in one response, with redact %s',
    async (redact) => {
      const queries = evenly(3, T - 20 * MINUTE, T - 15 * MINUTE);
      const bare = { namespace: null, metrics: null };
      const history = new ProcessHistory(queries.map((query) => ({ ...query, beside: bare })));
      const first = await history.run(T, { ...SHORT, redact });
      history.queries.splice(0, 3, ...queries);
      const second = await history.run(T + 10 * MINUTE, { ...SHORT, redact });
      expect([first.rows.length, second.rows.length]).toEqual([3, 0]);
    },
  );

  it('that are cut off are one entry each if Atlas says something else beside them', async () => {
    const line = `{"t":{"$date":"${new Date(T - 20 * MINUTE).toISOString()}"},"attr":{"comm`;
    const cut = [1, 2].map((docsExamined) => ({
      ...{ time: T - 20 * MINUTE, value: '', line },
      beside: { metrics: { docsExamined } },
    }));
    const { rows } = await new ProcessHistory(cut).run(T, SHORT);
    expect(rows.map((row) => row['docs_examined']).sort()).toEqual([1, 2]);
  });

  it('at the first and last instant of a run are written, although a request excludes its ends', async () => {
    const ends = [T - HOUR, T - 10 * MINUTE - 1].map((time) => ({ time, value: 'any' }));
    const history = new ProcessHistory(ends, { areEndsIncluded: false });
    expect(times(await history.run(T, { ...SHORT, overlap: 0 }))).toEqual(timesOf(ends));
  });

  it('cost one request for each run', async () => {
    const history = new ProcessHistory(evenly(300, T - DAY, T));
    expect((await history.run(T)).requests).toBeLessThan(10);
    expect((await history.run(T + 20 * MINUTE)).requests).toBe(1);
  });
});

describe('values of slow queries', () => {
  const queries = [{ time: T - 20 * MINUTE, value: 'ann@example.com' }];

  it('are neither in rows nor in the stored state by default', async () => {
    const history = new ProcessHistory(queries);
    const { rows } = await history.run(T, SHORT);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows) + history.stored).not.toContain('ann');
    expect(rows[0]?.['query_shape']).toBe('{"find":"?string","filter":{"name":"?string"}}');
  });

  it('do not change the id of a line, which would let anyone check a guess', async () => {
    const [one, other] = ['ann@example.com', 'bob@example.com'].map(
      (value) => new ProcessHistory([{ time: T - 20 * MINUTE, value }]),
    );
    expect(ids((await one?.run(T, SHORT)) ?? { rows: [] })).toEqual(
      ids((await other?.run(T, SHORT)) ?? { rows: [] }),
    );
  });

  it('are in the line if the configuration keeps them', async () => {
    const { rows } = await new ProcessHistory(queries).run(T, { ...SHORT, redact: false });
    expect(rows[0]?.['log_line']).toContain('ann@example.com');
  });

  it('are withheld or kept from now on after the setting changes, without a repeated row, and a note says so', async () => {
    const history = new ProcessHistory(evenly(60, T - HOUR, T + HOUR));
    const all = [
      await history.run(T, SHORT),
      await history.run(T + 20 * MINUTE, { redact: false }),
      await history.run(T + 40 * MINUTE),
    ];
    const rows = all.flatMap((run) => run.rows);
    expect(new Set(times({ rows })).size).toBe(rows.length);
    expect(rows.length).toBe(45);
    expect(all.map(({ warnings }) => warnings.length)).toEqual([0, 1, 1]);
    expect(all[1]?.warnings[0]).toMatch(/^the setting redact of slow_queries has changed/);
  });
});

describe('many slow queries', () => {
  it('are all read by halving the window, each once', async () => {
    const queries = evenly(45_000, T - 50 * MINUTE, T - 20 * MINUTE);
    const first = await new ProcessHistory(queries).run(T, SHORT);
    expect(times(first)).toEqual(timesOf(queries));
    expect(first.gaps).toEqual([]);
  });

  it('of one second, more than a response has, are a gap, once', async () => {
    const second = T - 20 * MINUTE;
    const history = new ProcessHistory(evenly(21_000, second, second + 500));
    const first = await history.run(T, SHORT);
    expect(first.gaps).toEqual([
      {
        from: second,
        to: second + SECOND,
        reason: 'more than the 20000 lines of one second that Atlas gives',
      },
    ]);
    expect((await history.run(T + 20 * MINUTE)).gaps).toEqual([]);
  });
});

describe('a line', () => {
  const bad = { time: T - 30 * MINUTE, value: '' };

  it('without a time is a gap between its neighbours, once, and the others are written', async () => {
    const queries: MadeQuery[] = evenly(10, T - 40 * MINUTE, T - 20 * MINUTE);
    const history = new ProcessHistory([...queries, { ...bad, line: '{"t":{"$da' }]);
    const first = await history.run(T, SHORT);
    expect(first.rows).toHaveLength(10);
    expect(first.gaps).toEqual([
      { from: T - 32 * MINUTE, to: T - 30 * MINUTE + SECOND, reason: 'log lines without a time' },
    ]);
    expect((await history.run(T + 20 * MINUTE)).gaps).toEqual([]);
  });

  it.each([null, '', 'no time at all'])('that is %j is a gap', async (line) => {
    const history = new ProcessHistory([{ ...bad, line }, ...evenly(2, T - 40 * MINUTE, T - 20 * MINUTE)]);
    expect((await history.run(T, SHORT)).gaps).toHaveLength(1);
  });

  it('that is cut off or plain text has a row with its time and what Atlas counts', async () => {
    const cut = '{"t":{"$date":"2026-03-02T11:40:00.250+00:00"},"s":"I","attr":{"command":{"find":"ann';
    const plain =
      '2026-03-02T11:41:00.500+0000 I  COMMAND  [conn1] command shop.orders command: find { name: "ann" }';
    const { rows } = await new ProcessHistory([
      { ...bad, line: cut },
      { ...bad, line: plain },
    ]).run(Date.parse('2026-03-02T12:00:00Z'), SHORT);
    expect(rows.map(({ ts }) => new Date(ts).toISOString()).sort()).toEqual([
      '2026-03-02T11:40:00.250Z',
      '2026-03-02T11:41:00.500Z',
    ]);
    expect(rows.map((row) => [row['duration_ms'], row['plan_summary']])).toEqual(Array(2).fill([412, null]));
    expect(JSON.stringify(rows)).not.toContain('ann');
  });
});

describe('after an outage', () => {
  it('of less than a day nothing is a gap', async () => {
    const history = new ProcessHistory(evenly(10, T, T + 20 * HOUR), { retention: DAY });
    await history.run(T, SHORT);
    const { rows, gaps } = await history.run(T + 23 * HOUR);
    expect([rows.length, gaps]).toEqual([10, []]);
  });

  it('of days everything that Atlas still has is written, and what it may have dropped is one gap', async () => {
    const queries = evenly(100, T, T + 10 * DAY);
    const history = new ProcessHistory(queries, { retention: 3 * DAY });
    await history.run(T, SHORT);
    const now = T + 9 * DAY;
    const { rows, gaps } = await history.run(now);
    const kept = queries.filter(({ time }) => time >= now - 3 * DAY && time < now - 10 * MINUTE);
    expect(times({ rows })).toEqual(timesOf(kept));
    expect(gaps[0]?.from).toBe(T - 10 * MINUTE);
    for (const [index, { from }] of gaps.slice(1).entries()) expect(from).toBe(gaps[index]?.to);
    expect(gaps.at(-1)?.to).toBe(kept[0]?.time);
  });

  it('before the first read, nothing is a gap', async () => {
    const history = new ProcessHistory(evenly(5, T - HOUR, T - 20 * MINUTE), { retention: 2 * DAY });
    const { rows, gaps } = await history.run(T, { backfill: 30 * DAY });
    expect([rows.length, gaps]).toEqual([5, []]);
  });
});

describe('a process that Atlas refuses', () => {
  it.each([
    [400, 'CLUSTER_TIER_NOT_SUPPORTED'],
    [409, 'PERFORMANCE_ADVISOR_DISABLED'],
  ])('with %d %s is asked once a day, without a gap', async (status, code) => {
    const history = new ProcessHistory(evenly(10, T - HOUR, T + 2 * DAY));
    const first = await history.run(T, SHORT, refusal(status, code));
    expect([first.requests, first.gaps, first.warnings.length]).toEqual([1, [], 1]);
    expect((await history.run(T + HOUR)).requests).toBe(0);
    const next = await history.run(T + DAY);
    expect(next.gaps).toEqual([]);
    expect(next.rows.length).toBeGreaterThan(0);
  });

  it('for its role continues where it stopped, and the note names the least role', async () => {
    const queries = evenly(10, T - HOUR, T);
    const history = new ProcessHistory(queries);
    const first = await history.run(T, SHORT, refusal(403, 'USER_UNAUTHORIZED'));
    expect(first.warnings[0]).toContain('the least role for them is Project Data Access Read Write');
    expect(times(await history.run(T + HOUR))).toEqual([]);
    expect(times(await history.run(T + DAY))).toEqual(timesOf(queries));
  });
});
