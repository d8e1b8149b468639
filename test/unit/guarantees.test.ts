import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where the page's short names of tests may begin. */
const FOLDERS = ['', 'test/', 'test/faults/', 'test/faults/simulation/'];

/** How the short name of a test may end. */
const ENDINGS = ['', '.ts', '.test.ts', '.slow.test.ts'];

/** Names of the page with a slash that stand for objects of a bucket. */
const KEYS = ['publication/unrecorded.json'];

test('docs/guarantees.md names only files and folders that exist', () => {
  const page = readFileSync(`${ROOT}docs/guarantees.md`, 'utf8');
  const named = new Set([...page.matchAll(/`([a-z-]+\/[\w./-]+)`/g)].map(([, name = '']) => name));
  expect(named.size).toBeGreaterThan(100);
  const exists = (name: string) =>
    FOLDERS.some((folder) => ENDINGS.some((ending) => existsSync(`${ROOT}${folder}${name}${ending}`)));
  expect([...named].filter((name) => !KEYS.includes(name) && !exists(name))).toEqual([]);
});
