import type { Mutant } from './mutant.ts';

const READER = 'functions/slow-queries/reader.ts';
const IDENTITY = 'functions/slow-queries/identity.ts';
const SHAPE = 'functions/slow-queries/shape.ts';
const LINE = 'functions/slow-queries/log-line.ts';
const REDACTION = 'test/unit/slow-queries/redaction.test.ts';
const UNIT = 'test/unit/slow-queries/collector.test.ts';
const topic = 'slow_queries';

/** Planted bugs in the windows, the identity and the redaction of slow queries. */
export const SLOW_QUERY_MUTANTS: readonly Mutant[] = [
  {
    name: 'a request for slow queries counts as including both of its ends',
    test: UNIT,
    changes: [
      {
        file: READER,
        text: 'start: requestStart(state, window.from, this.#settings.overlap),',
        replacement: 'start: window.from,',
      },
    ],
  },
  {
    name: 'lines that differ only in values are one slow query',
    topic,
    changes: [
      {
        file: IDENTITY,
        text: 'if (lines.has(query.line)) continue;',
        replacement: 'if (lines.size > 0) continue;',
      },
    ],
  },
  {
    name: 'what Atlas says beside a whole line identifies it',
    test: UNIT,
    changes: [
      { file: IDENTITY, text: 'line.isWhole ?', replacement: 'line.isWhole && line.redacted === "" ?' },
    ],
  },
  {
    name: 'lines that Atlas dropped leave no gap',
    topic,
    changes: [{ file: READER, text: '...(dropped ? [dropped] : []),', replacement: '' }],
  },
  {
    name: 'a redacted row has the line as logged',
    topic,
    changes: [
      {
        file: 'functions/slow-queries/rows.ts',
        text: 'log_line: isRedacted ? redacted : query.line,',
        replacement: 'log_line: isRedacted && details.shape ? redacted : query.line,',
      },
    ],
  },
  {
    name: 'a value that an application uses as the name of a field stays',
    topic,
    changes: [
      { file: SHAPE, text: "return isName ? name : '?field';", replacement: 'return isName ? name : name;' },
    ],
  },
  {
    name: 'numbers stay in the shape of a query',
    topic,
    changes: [
      {
        file: SHAPE,
        text: "if (typeof value !== 'object') return",
        replacement: "if (typeof value === 'number') return value;\n  if (typeof value !== 'object') return",
      },
    ],
  },
  {
    name: 'attributes of a line that are not known stay',
    test: REDACTION,
    changes: [{ file: LINE, text: '      planSummary: plan,\n', replacement: '      ...given,\n' }],
  },
  {
    name: 'the id of a redacted line is a hash of the line',
    test: UNIT,
    changes: [
      {
        file: IDENTITY,
        text: 'recordId: recordId([...known, lines.size]) });',
        replacement: 'recordId: recordId([...known, query.line]) });',
      },
    ],
  },
  {
    name: 'the known lines stay known by other ids after the setting redact changes',
    test: UNIT,
    changes: [
      {
        file: 'functions/slow-queries/state.ts',
        text: 'return { ...state, isRedacted, lookback: emptyLookback(state.watermark), pass: null };',
        replacement: 'return { ...state, isRedacted };',
      },
    ],
  },
  {
    name: 'a second with too many slow queries leaves no gap',
    test: UNIT,
    changes: [
      {
        file: READER,
        text: 'if (reading.whole) return outcome;',
        replacement: 'if (reading) return outcome;',
      },
    ],
  },
];
