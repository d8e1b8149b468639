import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../scripts/documents.ts';
import { quotedOutputs } from '../../support/readme-examples.ts';

test.each(DOCUMENTS)('$file matches its source (npm run generate writes it)', async ({ file, content }) => {
  expect(await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8')).toBe(content());
});

test('CONTRIBUTING quotes the files that npm run generate writes', async () => {
  const [quoted] = await quotedOutputs('CONTRIBUTING.md');
  expect(quoted?.lines).toEqual(DOCUMENTS.map(({ file }) => file));
});
