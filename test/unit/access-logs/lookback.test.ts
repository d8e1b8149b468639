import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf } from '../../../functions/access-logs/identity.ts';
import { decodeHistories, encodeHistories } from '../../../functions/access-logs/state.ts';
import type { AccessLogEntry } from '../../../shared/atlas/api.ts';
import { SECOND } from '../../../shared/durations.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import {
  emptyLookback,
  knownEntries,
  lookbackBehind,
  MAX_HASHES,
} from '../../../shared/histories/lookback.ts';
import { mergeEntries } from '../../../shared/histories/merge.ts';
import { historySize, newHistory } from '../../../shared/histories/state.ts';
import { T } from '../../support/times.ts';
import { historyOf } from './host-history.ts';

const id = (number: number) => number.toString(16).padStart(16, '0');

function entry(second: number, line: string): AccessLogEntry {
  return {
    timestamp: T + second * SECOND,
    authResult: true,
    authSource: 'admin',
    failureReason: null,
    ipAddress: '10.0.0.1',
    logLine: line,
    username: 'u',
  };
}

describe('the lookback', () => {
  it('returns the entries it was made from, as far back as it goes', () => {
    const one = fc.record({ number: fc.nat(1_000_000), second: fc.integer({ min: -20, max: 9 }) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), fc.integer({ min: 0, max: 15 }), (ones, length) => {
        const known = new Map(ones.map(({ number, second }) => [id(number), T + second * SECOND]));
        const watermark = T + 10 * SECOND;
        const from = watermark - length * SECOND;
        const { lookback, shrunkBy } = lookbackBehind(watermark, known, from);
        expect(lookback.from).toBe(from);
        expect(shrunkBy).toBe(0);
        const expected = [...known].filter(([, second]) => second >= from).sort();
        expect([...knownEntries(lookback)].sort()).toEqual(expected);
      }),
    );
  });

  it('shrinks by whole seconds when it has too many entries', () => {
    const known = new Map<string, number>();
    for (let second = 0; second < 3; second += 1) {
      for (let index = 0; index < 9_000; index += 1)
        known.set(id(second * 10_000 + index), T + second * SECOND);
    }
    const watermark = T + 3 * SECOND;
    const { lookback, shrunkBy } = lookbackBehind(watermark, known, T);
    expect({ from: lookback.from, shrunkBy }).toEqual({ from: T + SECOND, shrunkBy: SECOND });
    expect(knownEntries(lookback).size).toBe(18_000);
    expect(lookback.hashes.length / 8).toBeLessThanOrEqual(MAX_HASHES);
  });

  it('is empty when one second has too many entries', () => {
    const known = new Map(Array.from({ length: MAX_HASHES + 1 }, (_, index) => [id(index), T]));
    const { lookback } = lookbackBehind(T + SECOND, known, T);
    expect(lookback).toEqual(emptyLookback(T + SECOND));
  });

  it('takes no more bytes when stored than its bound', () => {
    const known = new Map(
      Array.from({ length: MAX_HASHES }, (_, index) => [id(index), T + (index % 120) * SECOND]),
    );
    const { lookback } = lookbackBehind(T + 120 * SECOND, known, T);
    const state = { ...newHistory(T), lookback };
    const stored = encodeHistories(new Map([[SELF, state]]));
    const bytes = JSON.stringify(stored, (_key, value) => (value instanceof Uint8Array ? '' : value)).length;
    expect(bytes + lookback.hashes.length + lookback.counts.length).toBeLessThanOrEqual(historySize(state));
    expect(decodeHistories(stored, new Map([[SELF, T]])).get(SELF)).toEqual({ ...state, watermark: T });
  });
});

describe('responses that overlap', () => {
  it('write each entry once, and every entry visible in time, in any windows and order', () => {
    const history = fc.array(
      fc.record({ second: fc.integer({ min: 0, max: 60 }), late: fc.integer({ min: 0, max: 5 }) }),
      { maxLength: 80 },
    );
    const windows = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(history, windows, fc.integer({ min: 0, max: 8 }), (entries, lengths, lookbackSeconds) => {
        const lookbackMs = lookbackSeconds * SECOND;
        let state = newHistory(T);
        const written: string[] = [];
        let end = 0;
        for (const length of lengths) {
          end += length;
          const from = Math.max(state.lookback.from, state.watermark - lookbackMs);
          // The run sees an entry `late` seconds after its time.
          const answer = entries.flatMap(({ second, late }, index) =>
            second + late < end ? [entry(second, `line ${index}`)] : [],
          );
          const window = { from, to: T + end * SECOND };
          const { entries: fresh, state: next } = mergeEntries(
            state,
            historyOf(answer.reverse()),
            window,
            identityOf('host'),
            {
              whole: true,
              lookbackMs,
            },
          );
          written.push(...fresh.map(({ entry: { logLine } }) => logLine ?? ''));
          state = next;
        }
        expect(new Set(written).size).toBe(written.length);
        const due = entries.flatMap(({ second, late }, index) =>
          second < end && late <= lookbackSeconds && second + late < end ? [`line ${index}`] : [],
        );
        const missing = due.filter((line) => !written.includes(line));
        expect(missing).toEqual([]);
      }),
    );
  });

  it('treat equal lines of one host as one entry, and of two hosts as two', () => {
    const window = { from: T, to: T + 10 * SECOND };
    const both = [entry(1, 'same'), entry(2, 'same')];
    const take = (host: string) =>
      mergeEntries(newHistory(T), historyOf(both), window, identityOf(host), {
        whole: true,
        lookbackMs: 0,
      }).entries.map(({ recordId }) => recordId);
    expect(take('a')).toHaveLength(1);
    expect(take('a')).not.toEqual(take('b'));
  });
});
