import { expect, test } from 'vitest';
import type { AtlasSession } from '../../../../shared/atlas/api.ts';
import { HOUR, MINUTE } from '../../../../shared/durations.ts';
import { Rereader } from '../../../../shared/engine/backfill/rereader.ts';
import type { Period, Rereading } from '../../../../shared/engine/backfill/rereading.ts';
import { addTargets, newCursor, type Target } from '../../../../shared/engine/cursor.ts';
import { type Gap, SELF, type TargetState } from '../../../../shared/engine/dataset.ts';
import { collectionGaps, filledGaps } from '../../../../shared/engine/tables.ts';

import type { AnyRow } from '../../../../shared/lake/table.ts';
import { projectNumber } from '../../../support/committed-lake.ts';
import { T } from '../../../support/times.ts';

const PERIOD = { from: T, to: T + 10 * HOUR };
const SUBJECT = projectNumber(1);
/** Any table: only the times of its rows count here. */
const TABLE = collectionGaps;

interface State extends TargetState {
  isRead: boolean;
}

function target(name: string, seen: Partial<Target<State>> = {}, watermark = PERIOD.to): Target<State> {
  const cursor = newCursor<State>(name, {});
  addTargets(cursor, [[SELF, { watermark, isRead: false }]], 1);
  const [one] = cursor.targets.values();
  if (!one) throw new Error('no target');
  return Object.assign(one, seen);
}

/** Reads each target of a period with one step that returns rows and losses, and returns what was found. */
async function reread(
  targets: ReadonlyArray<Target<State>>,
  rowsOf: (name: string) => readonly number[],
  { gaps = [], ...more }: Partial<Rereading<State>> & { gaps?: ReadonlyArray<Gap & { target: string }> } = {},
) {
  const row = (ts: number): AnyRow => ({ ts });
  const rereading: Rereading<State> = {
    ...{ retention: null, isRetentionKnown: true, settle: 0, clash: 'covered' },
    readTo: ({ watermark }) => watermark,
    begin: (one) => ({ ...one.state, isRead: false }),
    nextStep: ({ source, state }) =>
      state.isRead
        ? null
        : async () => ({
            state: { ...state, isRead: true },
            tables: [{ table: TABLE, rows: rowsOf(source).map(row) }],
            gaps: [],
          }),
    marksOf: () => [],
    comparison: () => () => true,
    ...more,
  };
  const rereader = new Rereader({
    ...{ rereading, width: 9, table: TABLE, period: PERIOD, isDryRun: false },
    scope: { dataset: 'd', subject: SUBJECT },
    signal: new AbortController().signal,
    lake: { has: () => false, countOf: () => 0 },
    stored: (one) => ({ ...one }),
  });
  rereader.gaps = gaps.map(({ from, to, ...gap }) => ({ ...gap, whole: { from, to }, open: [{ from, to }] }));
  const filled: Array<[from: number, to: number]> = [];
  const written: number[] = [];
  for (const one of targets) {
    const step = rereader.collector.nextStep(one, { tick: PERIOD.to, now: PERIOD.to });
    // No step of these tests sends a request.
    const result = await step?.({} as AtlasSession, () => PERIOD.to);
    for (const { table, rows } of result?.tables ?? []) {
      if (table === TABLE) written.push(...rows.map(({ ts }) => ts));
      if (table === filledGaps)
        filled.push(
          ...rows.map((its): [number, number] => [Number(its['filled_from']), Number(its['filled_to'])]),
        );
    }
  }
  return { findings: rereader.findings, filled, written };
}

const gap = { target: 'a', from: T, to: T + 6 * HOUR, reason: 'lost' };
const timeOf = ({ ts }: AnyRow): Period => ({ from: ts, to: ts + HOUR });

test('a gap is filled only in the intervals that have values', async () => {
  const { filled, findings } = await reread([target('a')], () => [T + HOUR, T + 2 * HOUR, T + 5 * HOUR], {
    gaps: [gap],
    timeOf,
  });
  expect(filled).toEqual([
    [T + HOUR, T + 3 * HOUR],
    [T + 5 * HOUR, T + 6 * HOUR],
  ]);
  expect(findings.filledGaps).toBe(2);
});

test('a gap of entries is filled as a whole, but not before the oldest one that Atlas shows', async () => {
  const rows = () => [T + HOUR, T + 2 * HOUR];
  expect((await reread([target('a')], rows, { gaps: [gap] })).filled).toEqual([[T, T + 6 * HOUR]]);
  expect((await reread([target('a')], rows, { gaps: [gap], isRetentionKnown: false })).filled).toEqual([
    [T + HOUR, T + 6 * HOUR],
  ]);
});

test('a gap with a reason that values cannot settle stays open', async () => {
  const fills = (reason: string) => reason !== 'lost';
  expect((await reread([target('a')], () => [T], { gaps: [gap], timeOf, fills })).filled).toEqual([]);
});

test('what a finished reading could not read is a loss, and fills no gap', async () => {
  const unread = () => ({
    losses: [{ from: T - HOUR, to: T + 2 * HOUR, reason: 'refused' }],
    isWaiting: true,
  });
  const { filled, findings } = await reread([target('a')], () => [T, T + HOUR, T + 2 * HOUR], {
    ...{ gaps: [gap], timeOf, unread },
  });
  expect(filled).toEqual([[T + 2 * HOUR, T + 3 * HOUR]]);
  expect(findings.losses).toEqual([{ target: 'a', from: T, to: T + 2 * HOUR, reason: 'refused' }]);
  expect(findings.unread).toBe(1);
});

test('each target must show an entry from before the period, where Atlas does not say how long it keeps them', async () => {
  const targets = ['old', 'young', 'silent'].map((name) => target(name));
  const rows = (name: string) => (name === 'silent' ? [] : [name === 'old' ? T - MINUTE : T + MINUTE]);
  expect((await reread(targets, rows, { isRetentionKnown: false })).findings.unproven).toBe(2);
  expect((await reread(targets, rows)).findings.unproven).toBe(0);
});

test('an entry from before the period is not written, and the interval of a value may begin there', async () => {
  const rows = () => [T - MINUTE, T, T + HOUR];
  const entries = await reread([target('a')], rows);
  expect(entries.written).toEqual([T, T + HOUR]);
  expect(entries.findings.absent).toBe(2);
  expect((await reread([target('a')], rows, { timeOf })).written).toEqual(rows());
});

test('a target that runs have not read to the end is unread, unless it has left', async () => {
  const [listed, left] = [target('a', {}, T + HOUR), target('b', { missingSince: T - HOUR }, T - HOUR)];
  expect((await reread([listed], () => [])).findings.unread).toBe(1);
  expect((await reread([left], () => [])).findings.unread).toBe(0);
});
