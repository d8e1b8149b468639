import type { Mutant } from './mutant.ts';

const ITEMS = 'shared/atlas/items.ts';
const LISTING = 'shared/atlas/listing.ts';

/** Planted bugs in the reading of lists with unreadable items. */
export const LIST_MUTANTS: readonly Mutant[] = [
  {
    name: 'an unreadable item counts as absent',
    topic: 'resources',
    changes: [
      { file: LISTING, text: 'return hasUnknown || unreadable.has(key);', replacement: 'return false;' },
    ],
  },
  {
    name: 'an entry far from the requested span is left out without a note',
    test: 'test/integration/atlas/strays.test.ts',
    changes: [
      {
        file: 'shared/atlas/strays.ts',
        text: 'if (first < 0) return;',
        replacement: 'if (first < 1e9) return;',
      },
    ],
  },
  {
    name: 'a run that skipped an item reports complete',
    test: 'test/integration/engine/unreadable-items.slow.test.ts',
    changes: [
      {
        file: 'shared/engine/run.ts',
        text: "return unreadableItems > 0 && work.outcome !== 'failed'",
        replacement: "return unreadableItems < 0 && work.outcome !== 'failed'",
      },
    ],
  },
  {
    name: 'a project without an organisation is left out of costs without a note',
    test: 'test/integration/engine/unreadable-items.slow.test.ts',
    changes: [
      {
        file: 'functions/cost-usage/collector.ts',
        text: "atlas.remarks.leftOut('listProjects', 'orgId', withoutOrganisation);",
        replacement: '',
      },
    ],
  },
  {
    name: 'one unreadable item rejects its list',
    test: 'test/unit/atlas/pages.test.ts',
    changes: [
      {
        file: ITEMS,
        text: 'remarks.skipped({ path: [place, ...path], expected });',
        replacement: 'throw new Error(expected + String(path));',
      },
    ],
  },
  {
    name: 'a value that is not a number fails its series',
    test: 'test/unit/atlas/schemas.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/measurements.ts',
        text: 'checked.push({ timestamp: time, value: null });',
        replacement: "throw new Error('expected number or null');",
      },
    ],
  },
  {
    name: 'an unreadable log entry leaves no gap',
    test: 'test/unit/access-logs/unreadable.test.ts',
    changes: [
      {
        file: 'shared/histories/merge.ts',
        text: 'if (!shorts.some((short) => known.has(short))) lost.push(span);',
        replacement: 'if (shorts.some((short) => known.has(short))) lost.push(span);',
      },
    ],
  },
  {
    name: 'an unreadable log entry leaves a gap in each run',
    test: 'test/unit/access-logs/unreadable.test.ts',
    changes: [
      {
        file: 'shared/histories/merge.ts',
        text: 'if (!shorts.some((short) => known.has(short))) lost.push(span);',
        replacement: 'lost.push(span);',
      },
    ],
  },
  {
    name: 'an unreadable alert counts as deleted',
    test: 'test/unit/alerts/unreadable.test.ts',
    changes: [
      {
        file: 'functions/alerts/observed-alerts.ts',
        text: 'if (alert === GONE) lost.push(id);',
        replacement: 'if (alert === GONE || alert === null) lost.push(id);',
      },
    ],
  },
  {
    name: 'an amount with an unreadable line counts as zero',
    test: 'test/unit/cost-usage/unreadable.test.ts',
    changes: [
      {
        file: 'functions/cost-usage/months.ts',
        text: 'else current.set(key, before);',
        replacement: '',
      },
    ],
  },
  {
    name: 'a series whose points are no list counts as empty',
    test: 'test/unit/atlas/schemas.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/measurements.ts',
        text: 'return fault ? { fault } : result;',
        replacement: 'void fault;\n  return result;',
      },
    ],
  },
  {
    name: 'unreadable series of a namespace leave no gap',
    test: 'test/integration/ranked-namespaces/failing-namespaces.slow.test.ts',
    changes: [
      {
        file: 'functions/ranked-namespaces/reading.ts',
        text: 'const lost = unreadable > 0 ?',
        replacement: 'const lost = unreadable > 9 ?',
      },
    ],
  },
  {
    name: 'one null in a list of a suggestion makes the suggestion unreadable',
    test: 'test/integration/atlas/performance-advisor.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/performance-advisor.ts',
        text: '.array(member.nullable())',
        replacement: '.array(member)',
      },
    ],
  },
  {
    name: 'a long list that ends before its total leaves no note',
    test: 'test/unit/atlas/read-since.test.ts',
    changes: [
      {
        file: 'shared/atlas/read-since.ts',
        text: 'noteShortList(requester.remarks, read.operation, length, last.page.total);',
        replacement: 'void length;\n  void noteShortList;',
      },
    ],
  },
  {
    name: 'a month is closed although one of its lines cannot be read',
    test: 'test/unit/cost-usage/unreadable.test.ts',
    changes: [
      {
        file: 'functions/cost-usage/months.ts',
        text: 'isWhole ? CLOSED_AFTER : CLOSED_UNREAD_AFTER',
        replacement: 'isWhole || unreadable.length > 0 ? CLOSED_AFTER : CLOSED_UNREAD_AFTER',
      },
    ],
  },
  {
    name: 'a null list of costs ends all amounts',
    test: 'test/integration/engine/unreadable-items.slow.test.ts',
    changes: [
      {
        file: 'shared/atlas/schemas/costs.ts',
        text: 'hasUnknown: list === null',
        replacement: 'hasUnknown: false',
      },
    ],
  },
];
