import type { Mutant } from './mutant.ts';

const HISTORY = 'functions/access-logs/reader.ts';
const MERGE = 'shared/histories/merge.ts';

/** Planted bugs in the windows and the lookback of access logs. */
export const ACCESS_LOG_MUTANTS: readonly Mutant[] = [
  {
    name: 'late entries before the watermark are not read',
    changes: [
      {
        file: 'shared/histories/windows.ts',
        text: 'floorTo(state.watermark - lookbackMs, SECOND));',
        replacement: 'floorTo(state.watermark - lookbackMs, SECOND), state.watermark);',
      },
    ],
  },
  {
    name: 'each run begins with the lookback, however few requests it has',
    test: 'test/unit/access-logs/few-requests.test.ts',
    changes: [
      {
        file: 'shared/histories/state.ts',
        text: 'pass && pass.from < pass.until ? {',
        replacement: 'pass && pass.from > pass.until ? {',
      },
    ],
  },
  {
    name: 'a pass goes on to what settles while it lasts',
    test: 'test/unit/access-logs/few-requests.test.ts',
    changes: [
      {
        file: 'shared/histories/windows.ts',
        text: 'return { ...state, pass: open };',
        replacement: 'return { ...state, pass: { ...open, until: settled } };',
      },
    ],
  },
  {
    name: 'a pass goes on that ends after the settled time',
    test: 'test/unit/access-logs/few-requests.test.ts',
    changes: [
      {
        file: 'shared/histories/windows.ts',
        text: 'pass && pass.until <= settled && ',
        replacement: 'pass && ',
      },
    ],
  },
  {
    name: 'a pass goes on before the times whose entries are known',
    test: 'test/unit/access-logs/few-requests.test.ts',
    changes: [
      {
        file: 'shared/histories/windows.ts',
        text: ' && pass.from >= lookback.from',
        replacement: '',
      },
    ],
  },
  {
    name: 'entries of the overlap are written again',
    changes: [
      {
        file: MERGE,
        text: 'if (seen !== undefined) continue;',
        replacement: 'if (seen === null) continue;',
      },
    ],
  },
  {
    name: 'only the last window is remembered, even if it is short',
    changes: [
      {
        file: MERGE,
        text: 'const known = knownEntries(state.lookback);',
        replacement:
          'const known = window.from < state.watermark ? knownEntries(state.lookback) : new Map<string, number>();',
      },
    ],
  },
  {
    name: 'a full answer counts as the whole window',
    changes: [
      {
        file: HISTORY,
        text: '    if (!isFull) {',
        replacement: '    if (!isFull || window.to > window.from) {',
      },
    ],
  },
  {
    name: 'a second that overflows leaves no gap',
    changes: [
      {
        file: HISTORY,
        text: 'if (whole) return outcome;',
        replacement: 'if (whole || narrow) return outcome;',
      },
    ],
  },
  {
    name: 'a request counts as including both of its ends',
    changes: [
      {
        file: HISTORY,
        text: 'start: requestStart(state, window.from, this.#lookbackMs),\n      end: window.to + SECOND,',
        replacement: 'start: window.from,\n      end: window.to,',
      },
    ],
  },
  {
    name: 'log entries are read before they settle',
    changes: [
      {
        file: 'shared/histories/windows.ts',
        text: 'return floorTo(Math.min(tick, now) - settle, SECOND);',
        replacement: 'return floorTo(Math.min(tick, now) - 0 * settle, SECOND);',
      },
    ],
  },
  {
    name: 'deleted log entries leave no gap',
    changes: [
      {
        file: 'shared/histories/documented-retention.ts',
        text: 'const isGap = state.begun || held - state.watermark > BEGINNING;',
        replacement: 'const isGap = state.begun && held - state.watermark > 2400 * HOUR;',
      },
    ],
  },
];
