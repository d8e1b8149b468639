import type { Mutant } from './mutant.ts';

const TEST = 'test/integration/publication/publisher.test.ts';
const READER = 'shared/publication/commit-reader.ts';
const STATEMENTS = 'shared/publication/statements.ts';
const NEW_SLICES = 'functions/publish/new-slices.ts';

/** Planted bugs in the publication. No history runs this code. */
export const PUBLICATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'a batch that was given up is published',
    test: TEST,
    changes: [
      {
        file: READER,
        text: '  if (record === null || isGivenUp(record)) return [];\n  return record.objects.map(({ key, bytes }) => {',
        replacement:
          '  if (record === null) return [];\n  const named = isGivenUp(record) ? record.givenUp.map(({ key }) => ({ key, bytes: 1 })) : record.objects;\n  return named.map(({ key, bytes }) => {',
      },
    ],
  },
  {
    name: 'the publication skips a page of records',
    test: TEST,
    changes: [
      { file: READER, text: 'const RECORDS_PAGE = 1_000;', replacement: 'const RECORDS_PAGE = 2;' },
      {
        file: READER,
        text: '      ({ hasMore } = page);\n',
        replacement: '      hasMore = false;\n',
      },
    ],
  },
  {
    name: 'rows are inserted instead of merged',
    test: TEST,
    changes: [
      {
        file: STATEMENTS,
        text: "' AND ')})\nWHEN NOT MATCHED",
        replacement: "' AND ')} AND false)\nWHEN NOT MATCHED",
      },
    ],
  },
  {
    name: 'positions are stored before the slices',
    test: TEST,
    changes: [
      {
        file: NEW_SLICES,
        text: '  await addSlices([...found, ...earlier.objects], tools);\n',
        replacement:
          '  for (const move of moved) await move();\n  await addSlices([...found, ...earlier.objects], tools);\n',
      },
    ],
  },
  {
    name: 'a slice may have any number of partitions',
    test: TEST,
    changes: [
      {
        file: 'shared/publication/slices.ts',
        text: '  partitions: 90,',
        replacement: '  partitions: 9_000,',
      },
    ],
  },
];
