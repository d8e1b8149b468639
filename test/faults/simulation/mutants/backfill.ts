import type { Mutant } from './mutant.ts';

const REREADER = 'shared/engine/backfill/rereader.ts';
const BACKFILL = 'shared/engine/backfill/backfill.ts';
const MEASUREMENTS = 'test/integration/backfill/measurements.slow.test.ts';
const HISTORIES = 'test/integration/backfill/histories.slow.test.ts';
const REREADING = 'test/unit/measurements/rereading.test.ts';
const REREADER_TEST = 'test/unit/engine/backfill/rereader.test.ts';
const TURNS = 'test/integration/backfill/turns.slow.test.ts';

/** Planted bugs in a backfill. Tests find those that need a change of a setting, an erasure or another rare case. */
export const BACKFILL_MUTANTS: readonly Mutant[] = [
  {
    name: 'later runs do not know what a backfill wrote',
    topic: 'measurements',
    changes: [
      {
        file: REREADER,
        text: 'rereading.withRows?.(target.state, absent) ?? target.state',
        replacement: 'target.state',
      },
    ],
  },
  {
    name: 'a series that a backfill finds first is not new to later runs',
    test: REREADING,
    changes: [
      {
        file: 'shared/measurements/rereading.ts',
        text: 'spans: isNew ? spans.map(rereadWhole) : spans,',
        replacement: 'spans: isNew ? spans : spans.map((span) => span),',
      },
    ],
  },
  {
    name: 'a backfill does not compare with the lake',
    topic: 'events',
    changes: [{ file: REREADER, text: 'if (lake.has(as))', replacement: 'if (lake.has(as) && false)' }],
  },
  {
    name: 'a backfill writes hours beside their minutes',
    test: MEASUREMENTS,
    changes: [
      {
        file: REREADER,
        text: 'else if (isComparable(as))',
        replacement: 'else if (isComparable(as) || true)',
      },
    ],
  },
  {
    name: 'a backfill reads what runs have not read yet',
    test: MEASUREMENTS,
    changes: [
      {
        file: REREADER,
        text: 'Math.min(period.to, rereading.readTo(state))',
        replacement: 'Math.max(period.to, rereading.readTo(state))',
      },
    ],
  },
  {
    name: 'a backfill reads backlogs beyond its period',
    test: 'test/unit/measurements/rereading.test.ts',
    changes: [
      {
        file: 'shared/measurements/rereading.ts',
        text: 'Math.min(backlog.to, ceilTo(to, interval), floorTo(readTo, interval))',
        replacement: 'Math.max(backlog.to, ceilTo(to, interval))',
      },
    ],
  },
  {
    name: 'a backfill writes an hour that the collector has begun',
    test: MEASUREMENTS,
    changes: [
      {
        file: 'shared/measurements/rereading.ts',
        text: ', floorTo(readTo, interval)) };',
        replacement: ') };',
      },
    ],
  },
  {
    name: 'a backfill reads a time in which Atlas showed runs no values',
    test: REREADING,
    changes: [
      {
        file: 'shared/measurements/rereading.ts',
        text: 'return Math.min(state.watermark, lostFrom(state, frontierOf(state).span));',
        replacement: 'return Math.max(state.watermark, lostFrom(state, frontierOf(state).span));',
      },
    ],
  },
  {
    name: 'later runs do not know that a backfill found values where they found none',
    test: REREADING,
    changes: [
      {
        file: 'shared/measurements/rereading.ts',
        text: 'rows.map(({ ts }) => ts),',
        replacement: 'rows.slice(0, 0).map(({ ts }) => ts),',
      },
    ],
  },
  {
    name: 'a missing object counts as replaced although fewer rows were written',
    test: 'test/integration/backfill/replacements.test.ts',
    changes: [
      {
        file: 'shared/lake/replacements.ts',
        text: 'gone.reduce((sum, { rows }) => sum + rows, 0) <= (written.get(day) ?? 0);',
        replacement: 'gone.length <= (written.get(day) ?? 0);',
      },
    ],
  },
  {
    name: 'rows from before an object disappeared count as its replacement',
    test: 'test/integration/backfill/replacements.test.ts',
    changes: [
      {
        file: 'shared/lake/replacements.ts',
        text: 'digest.slice(0, DIGITS)',
        replacement: "digest.slice(0, DIGITS).replaceAll(/./g, '0')",
      },
    ],
  },
  {
    name: 'one target that shows old entries proves the day of all targets',
    test: REREADER_TEST,
    changes: [
      {
        file: REREADER,
        text: 'reading.oldest !== null && reading.oldest <=',
        replacement: 'this.#findings.oldest !== null && this.#findings.oldest <=',
      },
    ],
  },
  {
    name: 'a value fills all of a gap',
    test: REREADER_TEST,
    changes: [
      { file: REREADER, text: 'if (rereading.timeOf) return', replacement: 'if (!rereading.timeOf) return' },
    ],
  },
  {
    name: 'a gap counts as filled before the oldest entry that Atlas shows',
    test: REREADER_TEST,
    changes: [
      {
        file: REREADER,
        text: '(oldest ?? Number.POSITIVE_INFINITY)',
        replacement: 'Number.NEGATIVE_INFINITY',
      },
    ],
  },
  {
    name: 'values fill a gap of single series',
    test: REREADING,
    changes: [
      {
        file: 'shared/measurements/rereading.ts',
        text: 'return !reason.includes(OF_SINGLE_SERIES);',
        replacement: 'return !reason.startsWith(OF_SINGLE_SERIES);',
      },
    ],
  },
  {
    name: 'a backfill writes entries that runs with a longer overlap read again',
    test: 'test/unit/histories/rereading.test.ts',
    changes: [
      {
        file: 'shared/histories/rereading.ts',
        text: 'readTo: ({ lookback }) => lookback.from,',
        replacement: 'readTo: ({ watermark }) => watermark,',
      },
    ],
  },
  {
    name: 'a refused hour counts as read although no request was answered',
    test: 'test/unit/measurements/series-reading.test.ts',
    changes: [
      {
        file: 'shared/measurements/series-reading.ts',
        text: 'return (await fetchWindow(reading, { ...window, resolution, from, to })) !== null;',
        replacement:
          'return (await fetchWindow(reading, { ...window, resolution, from, to })) !== undefined;',
      },
    ],
  },
  {
    name: 'a day that lacks objects is read again after an erasure on another day',
    test: HISTORIES,
    changes: [
      {
        file: BACKFILL,
        text: 'erased.length > 0 && lacksRows',
        replacement: 'erased.length < 0 && lacksRows',
      },
    ],
  },
  {
    name: 'a backfill compares with the lake before it has the lease',
    test: TURNS,
    changes: [
      {
        file: BACKFILL,
        text: '    const readLake = async () => {\n      await known.read(near);',
        replacement:
          '    const before = known.read(near);\n    const readLake = async () => {\n      await before;',
      },
    ],
  },
  {
    name: 'a day goes on where it was after the lease was lost',
    test: TURNS,
    changes: [
      {
        file: 'shared/engine/backfill/day.ts',
        text: '      rereader = begin();\n',
        replacement: '',
      },
    ],
  },
  {
    name: 'ids that another key made count as missing',
    test: HISTORIES,
    changes: [
      {
        file: 'shared/histories/rereading.ts',
        text: 'lake.countOf(markOf(row)) === known.get(markOf(row))',
        replacement: 'known.has(markOf(row))',
      },
    ],
  },
  {
    name: 'a backfill brings back an erased person',
    test: HISTORIES,
    changes: [
      {
        file: BACKFILL,
        text: 'if (refusal !== null) throw',
        replacement: 'if (refusal !== null && isDryRun) throw',
      },
    ],
  },
  {
    name: 'a gap that a backfill has filled stays open',
    test: HISTORIES,
    changes: [
      {
        file: REREADER,
        text: '{ from: row.ts, to: row.ts + 1 }',
        replacement: '{ from: row.ts, to: row.ts }',
      },
    ],
  },
  {
    name: 'a backfill leaves out the last hour of a day',
    topic: 'access_logs',
    changes: [
      {
        file: BACKFILL,
        text: 'to: Math.min(to, day + DAY) });',
        replacement: 'to: Math.min(to, day + DAY - DAY / 24) });',
      },
    ],
  },
  {
    name: 'a backfill writes entries from before its period',
    topic: 'logs',
    changes: [
      {
        file: REREADER,
        text: 'rereading.timeOf === undefined && row.ts < period.from',
        replacement: 'rereading.timeOf === undefined && row.ts < Number.NEGATIVE_INFINITY',
      },
    ],
  },
];
