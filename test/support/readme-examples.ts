import { readFile } from 'node:fs/promises';

/** Returns the queries that README offers after the demo: the text between the quotes. */
export async function readmeQueries(): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  return [...readme.matchAll(/^npx atlas-lake query --lake \.lake-demo "(.*)"$/gm)].map(
    ([, sql = '']) => sql,
  );
}
