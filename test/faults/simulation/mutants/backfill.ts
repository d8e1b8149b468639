import type { Mutant } from './mutant.ts';

const REREADER = 'shared/engine/backfill/rereader.ts';
const BACKFILL = 'shared/engine/backfill/backfill.ts';
const MEASUREMENTS = 'test/integration/backfill/measurements.slow.test.ts';
const HISTORIES = 'test/integration/backfill/histories.slow.test.ts';
const TURNS = 'test/integration/backfill/turns.slow.test.ts';

/** Planted bugs in a backfill. Histories do not contain one, so tests find them. */
export const BACKFILL_MUTANTS: readonly Mutant[] = [
  {
    name: 'later runs do not know what a backfill wrote',
    test: MEASUREMENTS,
    changes: [
      {
        file: REREADER,
        text: 'rereading.withRows?.(target.state, absent) ?? target.state',
        replacement: 'target.state',
      },
    ],
  },
  {
    name: 'a backfill does not compare with the lake',
    test: MEASUREMENTS,
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
        text: 'Math.min(backlog.to, ceilTo(to, backlog.resolution.interval))',
        replacement: 'Math.max(backlog.to, ceilTo(to, backlog.resolution.interval))',
      },
    ],
  },
  {
    name: 'a backfill compares with the lake before it has the lease',
    test: TURNS,
    changes: [
      {
        file: BACKFILL,
        text: 'const readLake = () => known.read(near);',
        replacement: 'const before = known.read(near);\n    const readLake = () => before;',
      },
    ],
  },
  {
    name: 'a day goes on where it was after the lease was lost',
    test: TURNS,
    changes: [
      {
        file: BACKFILL,
        text: '      rereader = begin();\n',
        replacement: '',
      },
    ],
  },
  {
    name: 'a missing object counts as replaced although a part of its day could not be read',
    test: TURNS,
    changes: [
      {
        file: BACKFILL,
        text: 'failed.length === 0 &&',
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
        text: 'if (await isErased(context, subject, near)) {',
        replacement: 'if ((await isErased(context, subject, near)) && isDryRun) {',
      },
    ],
  },
  {
    name: 'a gap that a backfill has filled stays open',
    test: HISTORIES,
    changes: [
      {
        file: REREADER,
        text: 'part.hasRows ||= row.ts >= part.from && row.ts < part.to;',
        replacement: 'part.hasRows ||= row.ts < part.from && row.ts >= part.to;',
      },
    ],
  },
];
