import { expect, test } from 'vitest';
import type { CursorStore } from '../../../../shared/cursors/cursor-store.ts';
import { MINUTE } from '../../../../shared/durations.ts';
import { TURN, Turns } from '../../../../shared/engine/backfill/turns.ts';
import { EMPTY_TOTALS } from '../../../../shared/engine/run-statistics.ts';
import { projectNumber } from '../../../support/committed-lake.ts';
import { T } from '../../../support/times.ts';

/** Returns the turns of a backfill beside a collector whose run ends at an instant. */
function turnsWith({ isAlone = false, runsAt = Number.POSITIVE_INFINITY } = {}) {
  let now = T;
  const lastRun = (tick: number) => ({
    ...{ tick, started_at: tick, finished_at: tick, outcome: 'complete', targets: 1, failed_targets: 0 },
    ...{ is_first: true, lag_seconds: 0 },
  });
  const statistics = (tick: number) => ({
    ...{ totals: { ...EMPTY_TOTALS }, reported_tick: null, gaps: 0 },
    last_run: lastRun(tick),
  });
  const cursors: Partial<CursorStore> = {
    // Only the statistics count here.
    readHeader: async () =>
      ({ statistics: statistics(now >= runsAt ? T : 0) }) as unknown as Awaited<
        ReturnType<CursorStore['readHeader']>
      >,
  };
  const turns = new Turns({
    ...{ scope: { dataset: 'd', subject: projectNumber(1) }, isAlone, every: 20 * MINUTE },
    cursors: cursors as CursorStore,
    clock: {
      now: () => now,
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
    },
    signal: new AbortController().signal,
    onWait: () => {},
  });
  return { turns, now: () => now, pass: (milliseconds: number) => (now += milliseconds) };
}

test('runs of a turn have one deadline together, so that they hold the lease no longer than one run', async () => {
  const { turns, pass } = turnsWith();
  expect(await turns.next()).toBe(T + TURN);
  pass(3 * MINUTE);
  expect(await turns.next()).toBe(T + TURN);
});

test('a backfill whose turn is over waits until the collector has run', async () => {
  const { turns, now, pass } = turnsWith({ runsAt: T + 12 * MINUTE });
  await turns.next();
  pass(TURN);
  expect(await turns.next()).toBe(now() + TURN);
  expect(now()).toBe(T + 12 * MINUTE);
});

test('a backfill beside a collector that does not run waits for one of its ticks', async () => {
  const { turns, now, pass } = turnsWith();
  await turns.next();
  pass(TURN);
  await turns.next();
  expect(now()).toBe(T + TURN + 20 * MINUTE);
});

test('another run that has the lease is the turn of the collector', async () => {
  const { turns, now, pass } = turnsWith();
  await turns.next();
  pass(TURN);
  turns.passed();
  expect(await turns.next()).toBe(T + 2 * TURN);
  expect(now()).toBe(T + TURN);
});

test('a backfill that is alone does not wait', async () => {
  const { turns, now, pass } = turnsWith({ isAlone: true });
  for (let run = 0; run < 3; run += 1) {
    expect(await turns.next()).toBe(now() + TURN);
    pass(TURN);
  }
  expect(now()).toBe(T + 3 * TURN);
});
