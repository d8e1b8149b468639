import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DOCUMENTS } from '../../../scripts/documents.ts';

test.each(DOCUMENTS)('$file matches its source (npm run generate writes it)', async ({ file, content }) => {
  expect(await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8')).toBe(content());
});
