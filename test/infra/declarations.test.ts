import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { datasets } from '../../functions/datasets.ts';
import { declarations } from '../../functions/declarations.ts';
import { functionFolder } from '../../infra/collector/dataset-function.ts';
import { PROJECT } from './assembly.ts';
import { metafileOf } from './metafile.ts';

/** Returns the files of the project that a bundle of a file contains. */
async function inputsOf(entry: string): Promise<string[]> {
  const metafile = await metafileOf(entry);
  return Object.keys(metafile.inputs);
}

const isCollector = (file: string) => file.endsWith('/collector.ts');

test.each(['functions/dispatch/index.ts', 'infra/app.ts', 'functions/declarations.ts'])(
  'the bundle of %s has all declarations and no collector',
  async (entry) => {
    const inputs = await inputsOf(entry);
    const expected = declarations.map((dataset) => `functions/${functionFolder(dataset)}/declaration.ts`);
    expect(inputs).toEqual(expect.arrayContaining(expected));
    expect(inputs.filter(isCollector)).toEqual([]);
  },
);

test('the bundle of the configuration knows no dataset', async () => {
  const inputs = await inputsOf('shared/config.ts');
  expect(inputs.filter((file) => file.startsWith('functions/'))).toEqual([]);
});

test.each(declarations)('the bundle of $name has its own collector alone', async (dataset) => {
  const folder = `functions/${functionFolder(dataset)}`;
  const inputs = await inputsOf(`${folder}/index.ts`);
  expect(inputs.filter(isCollector)).toEqual([`${folder}/collector.ts`]);
});

test('every declaration has a collector', () => {
  expect(datasets.map(({ name }) => name)).toEqual(declarations.map(({ name }) => name));
  for (const [index, { withCodec: _codec, withCollector: _collector, ...declared }] of datasets.entries())
    expect(declared).toEqual(declarations[index]);
});

test.each(declarations)('$name has the files that every dataset has', (dataset) => {
  const folder = join(PROJECT, 'functions', functionFolder(dataset));
  for (const file of ['index.ts', 'declaration.ts', 'collector.ts', 'tables.ts'])
    expect(existsSync(join(folder, file))).toBe(true);
});
