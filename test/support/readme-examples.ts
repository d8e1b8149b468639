import { readFile } from 'node:fs/promises';

/** The queries that README gives to copy after the demo: what stands between the quotes. */
export async function readmeQueries(): Promise<string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  return [...readme.matchAll(/^npx atlas-lake query --lake \.lake-demo "(.*)"$/gm)].map(
    ([, sql = '']) => sql,
  );
}
