import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MUTANTS } from './simulation/mutants/mutants.ts';

const source = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** `npm run dst:mutants` plants the bugs, but runs rarely. This test finds a bug that no longer fits the sources. */
test.each(MUTANTS)('a planted bug fits the sources: $name', ({ changes, test: file }) => {
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
