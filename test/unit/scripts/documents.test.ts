import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DOCUMENTS, WRITTEN } from '../../../scripts/documents.ts';
import { quotedOutputs } from '../../support/readme-examples.ts';

test.each(DOCUMENTS)('$file matches its source (npm run generate writes it)', async ({ file, content }) => {
  expect(await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8')).toBe(content());
});

test('folders of generated files contain no other files', async () => {
  for (const folder of new Set(DOCUMENTS.flatMap((document) => document.folder ?? []))) {
    const entries = await readdir(new URL(`../../../${folder}`, import.meta.url), {
      recursive: true,
      withFileTypes: true,
    });
    const documents = DOCUMENTS.filter(({ file }) => file.startsWith(folder));
    expect(entries.filter((entry) => entry.isFile())).toHaveLength(documents.length);
  }
});

test('CONTRIBUTING quotes the files that npm run generate writes', async () => {
  const [quoted] = await quotedOutputs('CONTRIBUTING.md');
  expect(quoted?.lines).toEqual(WRITTEN);
});
