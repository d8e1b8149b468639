import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/documented-commands.ts';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...(await readdir(path.join(ROOT, 'docs'), { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const textOf = (page: string) => readFileSync(path.join(ROOT, page), 'utf8');

/** Returns a page without its fenced blocks. */
function prose(page: string): string {
  return textOf(page).replaceAll(/^ *```.*?^ *```$/gms, '');
}

/** Returns the anchors of a page, as GitHub derives them from headings. */
function anchorsOf(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test.each(PAGES)('%s links to pages and sections that exist', (page) => {
  const broken = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      if (!existsSync(path.join(ROOT, target))) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
    });
  expect(broken).toEqual([]);
});

test('docs/README.md lists every page but the records of decisions', () => {
  const index = textOf('docs/README.md');
  const missing = PAGES.filter(
    (page) => page.startsWith('docs/') && !/^docs\/(README|adr\/.*)\.md$/.test(page),
  )
    .map((page) => page.replace(/^docs\//, ''))
    .filter((page) => !index.includes(`](${page}`));
  expect(missing).toEqual([]);
});

test.each(PAGES)('%s starts the program with npx only inside the clone', (page) => {
  const elsewhere = textOf(page)
    .split('\n')
    .filter(
      (line) => /npx/.test(line) && /\* \* \*|ExecStart|npx (-y|--yes) |npx -p |npm install -g/.test(line),
    );
  expect(elsewhere).toEqual([]);
});
