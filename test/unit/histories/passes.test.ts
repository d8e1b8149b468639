import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { historiesCodec } from '../../../functions/access-logs/state.ts';
import type { Document } from '../../../shared/cursors/document.ts';
import { MINUTE, SECOND } from '../../../shared/durations.ts';
import { SELF } from '../../../shared/engine/dataset.ts';
import { emptyLookback } from '../../../shared/histories/lookback.ts';
import { type HistoryState, newHistory, type Pass } from '../../../shared/histories/state.ts';
import { continued, halved, inPass, isBehind } from '../../../shared/histories/windows.ts';
import { T } from '../../support/times.ts';

const LOOKBACK = 10 * MINUTE;

/** A target whose lookback is complete, read up to T. */
const read: HistoryState = { ...newHistory(T), begun: true, lookback: emptyLookback(T - LOOKBACK) };

function stored(state: HistoryState): Document {
  return historiesCodec.encode(new Map([[SELF, state]]));
}

/** Returns what a run knows of a target that an earlier run stored. */
function loaded(document: Document, watermark: number): HistoryState {
  const { decode, stateVersion } = historiesCodec;
  const state = decode(document, new Map([[SELF, watermark]]), stateVersion, 'host').get(SELF);
  if (!state) throw new Error('the state is not stored');
  return state;
}

/** Returns what the next run knows of a state. */
function nextRun(state: HistoryState): HistoryState {
  return loaded(stored(state), state.watermark);
}

/** A pass that has read half of its lookback. */
const halfway: Pass = { from: T - 5 * MINUTE, until: T + MINUTE, wasFull: false };

describe('a pass', () => {
  it('begins with the lookback and ends at what has settled', () => {
    const { pass } = inPass(read, T + MINUTE, LOOKBACK);
    expect(pass).toEqual({ from: T - LOOKBACK, until: T + MINUTE, wasFull: false });
  });

  it('is continued by the next run where the last response ended', () => {
    const state = inPass(read, T + MINUTE, LOOKBACK);
    const window = { from: T - LOOKBACK, to: T - 5 * MINUTE };
    const next = nextRun({ ...state, pass: continued(state, window) });
    expect(inPass(next, T + MINUTE, LOOKBACK).pass).toEqual(halfway);
  });

  it('requests half as much in the next run after a full response', () => {
    const state = inPass(read, T + MINUTE, LOOKBACK);
    const next = nextRun(halved(state, { from: T - LOOKBACK, to: T }));
    expect(next.span).toBe(5 * MINUTE);
    expect(inPass(next, T + MINUTE, LOOKBACK).pass).toEqual({
      from: T - LOOKBACK,
      until: T + MINUTE,
      wasFull: true,
    });
  });

  it('ends where it would have ended, although more has settled meanwhile', () => {
    const later = inPass(nextRun({ ...read, pass: halfway }), T + 30 * MINUTE, LOOKBACK);
    expect(later.pass).toEqual(halfway);
  });

  it('is followed by one that looks back, in the same run or the next, when it ends', () => {
    const pass = { ...halfway, from: halfway.until };
    const ended = { ...read, watermark: T + MINUTE, pass };
    for (const state of [ended, nextRun(ended)]) {
      expect(isBehind(state, T + 30 * MINUTE)).toBe(true);
      expect(inPass(state, T + 30 * MINUTE, LOOKBACK).pass).toEqual({
        from: T + MINUTE - LOOKBACK,
        until: T + 30 * MINUTE,
        wasFull: false,
      });
      expect(isBehind(state, T + MINUTE)).toBe(false);
    }
  });

  it('is not continued when it ends after the settled time, because a fast clock began it', () => {
    const fast = { ...read, pass: { from: T + SECOND, until: T + 60 * MINUTE, wasFull: false } };
    expect(isBehind(fast, T + MINUTE)).toBe(true);
    expect(inPass(fast, T + MINUTE, LOOKBACK).pass.from).toBe(T - LOOKBACK);
  });

  it('never begins before the hashes', () => {
    const cut = { ...read, lookback: emptyLookback(T - MINUTE), pass: halfway };
    expect(inPass(cut, T + MINUTE, LOOKBACK).pass.from).toBe(T - MINUTE);
  });

  it('begins with the lookback after an upgrade, because earlier versions stored none', () => {
    const [fields] = z.array(z.record(z.string(), z.unknown())).parse(stored({ ...read, pass: halfway }));
    const { pass: _, ...earlier } = fields ?? {};
    expect(loaded([earlier] as Document, T)).toEqual(read);
  });
});
