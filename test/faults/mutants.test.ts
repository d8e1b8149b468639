import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MUTANTS } from './simulation/mutants/mutants.ts';

const source = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** `npm run dst:mutants` plants them; what no longer fits the sources would be found there, months later. */
test.each(MUTANTS)('the planted mistake fits the sources: $name', ({ changes, test: file }) => {
  if (file !== undefined) expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true);
  const planted = new Map<string, string>();
  for (const { file, text, replacement } of changes) {
    const before = planted.get(file) ?? source(file);
    expect(before.split(text)).toHaveLength(2);
    planted.set(
      file,
      before.replace(text, () => replacement),
    );
  }
});
