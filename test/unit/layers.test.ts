import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { filesMatching, importsOf } from '../support/module-graph.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(`${ROOT}docs/architecture.md`, 'utf8');

/** Folders at the root without sources. */
const NO_SOURCES = ['node_modules', 'cdk.out'];

/** A row of the page's table of folders. */
interface Layer {
  name: string;
  pattern: RegExp;
  /** The names of other rows; `all` stands for every row below. */
  mayImport: readonly string[] | 'all';
}

/** Returns the text of one section of the page, up to the next heading of its level. */
function section(title: string): string {
  const text = PAGE.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  if (text === undefined) throw new Error(`docs/architecture.md has no section "${title}"`);
  return text;
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
}

/** Reads `folder/` as all files below it, `*` and `<dataset>` as one name. */
function patternOf(name: string): RegExp {
  const source = name
    .replaceAll('.', '\\.')
    .replaceAll(/\*|<\w+>/g, '[^/]+')
    .replace(/\/$/, '/.+');
  return new RegExp(`^${source}$`);
}

const layers: readonly Layer[] = section('Folders')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, first = '', , last = ''] = line.split('|');
    const [name = ''] = quoted(first);
    return { name, pattern: patternOf(name), mayImport: last.trim() === 'all' ? 'all' : quoted(last) };
  });

/** Of several rows that fit, the one with a literal name counts: `functions/dispatch/` before `functions/<dataset>/`. */
function layerOf(file: string): Layer | undefined {
  const fitting = layers.filter(({ pattern }) => pattern.test(file));
  return fitting.find(({ name }) => !/[*<]/.test(name)) ?? fitting[0];
}

/** Returns the folder that a row stands for, so that one dataset is not another. */
function folderOf(file: string, { name }: Layer): string {
  return name.endsWith('/')
    ? file
        .split('/')
        .slice(0, name.split('/').length - 1)
        .join('/')
    : name;
}

const files = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NO_SOURCES.includes(entry.name))
  .flatMap(({ name }) => filesMatching(`${name}/**/*.ts`));

/** The imports from one folder into another, as `from → to` by the rows, with the files. */
const crossings = files.flatMap((file) => {
  const from = layerOf(file);
  if (!from) return [];
  return importsOf(file).flatMap((imported) => {
    const to = layerOf(imported);
    if (!to || folderOf(file, from) === folderOf(imported, to)) return [];
    return [{ from, to, file, imported }];
  });
});

test('each source file belongs to a row of the table of folders, and each row has files', () => {
  expect(layers.length).toBeGreaterThan(10);
  expect(files.filter((file) => !layerOf(file))).toEqual([]);
  const used = new Set(files.map(layerOf));
  expect(layers.filter((layer) => !used.has(layer)).map(({ name }) => name)).toEqual([]);
});

test('each row of the table allows imports of rows below it only', () => {
  for (const [place, { name, mayImport }] of layers.entries()) {
    if (mayImport === 'all') continue;
    const below = layers.slice(place + 1).map((layer) => layer.name);
    expect({ name, upwards: mayImport.filter((other) => !below.includes(other)) }).toEqual({
      name,
      upwards: [],
    });
  }
});

test('each import between folders is one that the table allows', () => {
  const wrong = crossings.filter(
    ({ from, to }) => from.mayImport !== 'all' && !from.mayImport.includes(to.name),
  );
  expect(wrong.map(({ file, imported }) => `${file} imports ${imported}`)).toEqual([]);
});

test('the table allows no import that no file needs', () => {
  const needed = new Set(crossings.map(({ from, to }) => `${from.name} → ${to.name}`));
  const allowed = layers.flatMap(({ name, mayImport }) =>
    mayImport === 'all' ? [] : mayImport.map((other) => `${name} → ${other}`),
  );
  expect(allowed.filter((one) => !needed.has(one))).toEqual([]);
});

test('each file that the page names exists', () => {
  const named = quoted(PAGE).filter((text) => /^[\w.-]+\/[\w./-]+\.(ts|md|json)$/.test(text));
  expect(named.length).toBeGreaterThan(35);
  expect([...new Set(named)].filter((file) => !existsSync(`${ROOT}${file}`))).toEqual([]);
});

test('the page follows one tick in at most 35 files and 25 concepts', () => {
  const items = (title: string) => section(title).match(/^\d+\. /gm)?.length ?? 0;
  for (const [title, most] of [
    ['Follow one tick in the code', 35],
    ['Concepts', 25],
  ] as const) {
    expect(items(title)).toBeGreaterThan(10);
    expect(items(title)).toBeLessThanOrEqual(most);
  }
});
