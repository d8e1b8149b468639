import { expect, test } from 'vitest';
import { filesMatching, hasCode, moduleGraph } from '../support/module-graph.ts';

const SOURCES = ['bi', 'cli', 'functions', 'infra', 'local-aws', 'scripts', 'shared', 'simulator', 'sql'];

/** Modules that no import names, by the module that starts or bundles them. */
const STARTED: Readonly<Record<string, readonly string[]>> = {
  // By `cli/main.js`, which is plain JavaScript.
  'test/support/run-cli.ts': ['cli/run.ts'],
  'test/infra/assembly.ts': ['infra/app.ts', ...filesMatching('functions/*/index.ts')],
  'cli/report/page-bundle.ts': ['cli/report/page/main.ts'],
  'test/unit/scripts/build-cli.test.ts': ['scripts/build-cli.ts'],
  'test/unit/scripts/build-page.test.ts': ['scripts/build-page.ts'],
  // This test compares the output of the script with the files.
  'test/unit/scripts/documents.test.ts': ['scripts/generate.ts'],
};

test('the fast suite loads every source module', async () => {
  const tests = filesMatching('test/**/*.test.ts').filter(
    (file) => !file.endsWith('.slow.test.ts') && !/^test\/(aws|bi|trino)\//.test(file),
  );
  const graph = await moduleGraph([...tests, ...Object.values(STARTED).flat()]);
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const imported of [...(graph.get(file) ?? []), ...(STARTED[file] ?? [])]) load(imported);
  };
  for (const file of tests) load(file);

  const left = filesMatching(...SOURCES.map((folder) => `${folder}/**/*.ts`)).filter(
    (file) => !loaded.has(file) && !file.endsWith('.d.ts'),
  );
  const withCode = await Promise.all(left.map(hasCode));
  expect(left.filter((_, index) => withCode[index])).toEqual([]);
});
