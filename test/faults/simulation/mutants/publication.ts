import type { Mutant } from './mutant.ts';

const TEST = 'test/integration/publication/publisher.slow.test.ts';
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
  {
    name: 'a dropped table is created again without its rows',
    test: 'test/integration/publication/lost-tables.slow.test.ts',
    changes: [
      {
        file: 'functions/publish/publisher.ts',
        text: '    await restartLostTables(existing, this.#tools);\n',
        replacement: '',
      },
    ],
  },
  {
    name: 'a dropped table is forgotten before its restart is stored',
    test: 'test/integration/publication/lost-tables.slow.test.ts',
    changes: [
      {
        file: 'functions/publish/lost-tables.ts',
        text: '  if (lost.length > 0) {\n',
        replacement:
          '  await objects.overwrite(KNOWN_KEY, Buffer.from(JSON.stringify(Object.fromEntries(next))));\n  if (lost.length > 0) {\n',
      },
    ],
  },
  {
    name: 'objects without a commit record are published',
    test: TEST,
    changes: [
      {
        file: 'shared/publication/unrecorded-objects.ts',
        text: '  if (!name || name.batch >= FIRST_RECORDED_BATCH) return [];\n',
        replacement: '  if (!name || name.batch < 0) return [];\n',
      },
    ],
  },
  {
    name: 'a late day is not published',
    test: TEST,
    changes: [
      {
        file: READER,
        text: '  return record.objects.map(({ key, bytes }) => {',
        replacement:
          "  const days = record.objects.map(({ key }) => parseObjectKey(key)?.day ?? '').sort();\n  const isNew = (key: string) => (parseObjectKey(key)?.day ?? '') >= (days.at(-1) ?? '').slice(0, 7);\n  return record.objects.filter(({ key }) => isNew(key)).map(({ key, bytes }) => {",
      },
    ],
  },
  {
    name: 'a slice waits until its round has ended',
    test: 'test/infra/analysis/publication-run.slow.test.ts',
    changes: [
      {
        file: 'infra/analysis/statement-states.ts',
        text: "{% $type($statement.sliceFile) = 'string' %}",
        replacement: '{% false %}',
      },
    ],
  },
];
