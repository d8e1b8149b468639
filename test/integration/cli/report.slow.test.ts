import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findChromium, NO_CHROMIUM, startChromium } from '../../support/chromium.ts';
import { runCli } from '../../support/run-cli.ts';
import { createSampleLake, HOSTILE, LONG, TURNED } from '../../support/sample-lake.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';
import type { WrittenLake } from '../../support/written-lake.ts';
import { PROJECT } from '../../support/written-rows.ts';

let browser: Browser;
let lake: WrittenLake;
let file: string;
beforeAll(async () => {
  const chromium = findChromium();
  if (chromium === undefined) {
    process.stderr.write(`${NO_CHROMIUM}\n`);
    return;
  }
  browser = await startChromium(chromium);
  lake = await createSampleLake();
  file = path.join(lake.folder, 'report.html');
  const { code, stderr } = await runCli(['report', '--lake', lake.folder, '--output', file]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
beforeEach(({ skip }) => skip(findChromium() === undefined, NO_CHROMIUM));
afterAll(async () => {
  await browser?.close();
  await lake?.remove();
});

const CHARTS = [
  'volumes',
  'process-health',
  'fullest-disks',
  'disk-forecast',
  'database-growth',
  'hottest-namespaces',
  'slowest-query-shapes',
  'login-attempts',
  'alert-timeline',
  'drift',
  'roles',
  'costs-by-month',
];

/** The charts of the pages of the only cluster with processes and databases. */
const PAGE_CHARTS = ['cluster-3-process-health', 'cluster-3-database-growth'];

const ALL_CHARTS = [...CHARTS, ...PAGE_CHARTS];

/** Opens the report. `problems` collects console messages, errors, dialogs and requests. */
async function open(
  look: { width?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<{ page: Page; problems: string[] }> {
  const { width = 1200, colorScheme = 'light' } = look;
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme,
    timezoneId: 'America/New_York',
  });
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => problems.push(dialog.message()));
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href) problems.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  for (const id of ALL_CHARTS) await page.waitForSelector(`#chart-${id} svg path`, { state: 'attached' });
  return { page, problems };
}

test('the page draws every chart without requests or errors', async () => {
  const { page, problems } = await open();
  expect(await page.locator('.chart').evaluateAll((charts) => charts.map(({ id }) => id))).toEqual(
    ALL_CHARTS.map((id) => `chart-${id}`),
  );
  expect(problems).toEqual([]);
  await page.close();
});

test('names from Atlas are shown as text and never run, in tables, charts and tooltips', async () => {
  const { page, problems } = await open();
  expect(await page.locator('td').filter({ hasText: HOSTILE }).count()).toBeGreaterThan(3);
  expect(await page.getByRole('heading', { name: HOSTILE }).count()).toBe(1);
  // The character that turns text is gone, and the project has no other name.
  const project = TURNED.replace('\u202e', ' ');
  expect(await page.locator('td', { hasText: project }).count()).toBeGreaterThan(3);
  expect(await page.locator('td', { hasText: PROJECT }).count()).toBe(0);
  const charts = page.locator('.chart');
  for (let index = 0; index < (await charts.count()); index += 1) {
    const box = await charts.nth(index).boundingBox();
    await charts.nth(index).hover({ position: { x: (box?.width ?? 0) / 2, y: 30 } });
  }
  expect(await page.title()).toBe('MongoDB Atlas lake report');
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.locator('script').count()).toBe(2);
  expect(problems).toEqual([]);
  // The file contains only its own two script elements, however a browser parses it.
  expect((await readFile(file, 'utf8')).match(/<script/g)).toHaveLength(2);
  await page.close();
});

test('each table contains the rows of its query, with the exact values of numbers', async () => {
  const { page } = await open();
  const articles = await page.locator('article').evaluateAll((all) =>
    all.map((article) => ({
      sql: article.querySelector('pre')?.textContent ?? '',
      rows: [...article.querySelectorAll('tbody tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => cell.getAttribute('title') ?? cell.textContent),
      ),
      most: article.closest('.page') ? 24 : 200,
    })),
  );
  expect(articles).toHaveLength(31 + 14);
  // Only the list of clusters is put together from other tables.
  expect(articles.filter(({ sql }) => sql === '')).toHaveLength(1);
  for (const { sql, rows, most } of articles.filter((article) => article.sql !== '')) {
    const answer = await lake.ask(sql);
    expect(rows).toHaveLength(Math.min(answer.length, most));
    for (const [index, row] of rows.entries()) {
      const values = Object.values(answer[index] ?? {}).map((value) => String(value ?? '–'));
      // Forecasts are shown without digits.
      for (const cell of row)
        if (!cell.startsWith('about ')) expect([...values, 'none', '–']).toContain(cell);
    }
  }
  await page.close();
});

test('numbers have readable units, and times have a time zone', async () => {
  const { page } = await open();
  const text = (await page.locator('#disks').textContent()) ?? '';
  expect(text).toMatch(/\d+(\.\d)? GB/);
  expect(text).toMatch(/\d+(\.\d)? %/);
  expect(text).toMatch(/about \d+ (weeks|months)/);
  expect(await page.locator('#disks th', { hasText: 'Seen (' }).textContent()).toBe('Seen (UTC)');
  expect(await page.locator('header p').textContent()).toMatch(/ UTC$/);
  // The browser is in New York. The sample ends at midnight UTC, and all ticks of the axis are at midnight UTC.
  expect(
    await page.locator('#chart-disk-forecast svg text', { hasText: /^03-\d\d$/ }).count(),
  ).toBeGreaterThan(2);
  await page.close();
});

/** All charts are drawn again, which takes a slow machine some seconds. */
const PATIENT = { timeout: 30_000 };

/** Returns the names of the tables that are wider than their place. */
function overflowing(page: Page): Promise<Array<string | null>> {
  return page
    .locator('.scroll')
    .evaluateAll((all) =>
      all
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
        .map((region) => region.getAttribute('aria-labelledby')),
    );
}

test('the list of clusters links to their pages', async () => {
  const { page } = await open();
  await page.locator('#clusters a', { hasText: 'orders' }).click();
  const target = page.locator('section:target');
  expect(await target.locator('h2').textContent()).toBe('Cluster orders');
  expect(await target.locator('article').count()).toBeGreaterThan(5);
  await page.close();
});

test('costs show the newest month first, and the month that is not over is marked', async () => {
  const { page } = await open();
  const months = await page
    .locator('#costs-by-month-title ~ .scroll tbody tr td:first-child')
    .allTextContents();
  expect(months).toEqual(months.toSorted().reverse());
  expect(await page.locator('#chart-costs-by-month svg text', { hasText: '2026-03' }).textContent()).toBe(
    '2026-03',
  );
  await page.close();
});

describe('the appearance', () => {
  const ground = (page: Page) => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const ink = (page: Page) => page.locator('#chart-volumes svg text').first().getAttribute('fill');

  test('follows the light and dark colour schemes and changes between them', async () => {
    const { page } = await open();
    const light = [await ground(page), await ink(page)];
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => ink(page), PATIENT).not.toEqual(light[1]);
    const dark = [await ground(page), await ink(page)];
    expect(dark).not.toEqual(light);
    expect(dark[1]).not.toEqual(light[1]);
    const second = await open({ colorScheme: 'dark' });
    expect([await ground(second.page), await ink(second.page)]).toEqual(dark);
    await page.close();
    await second.page.close();
  });

  test.each([380, 800])('fits a width of %d pixels, where only tables scroll horizontally', async (width) => {
    const { page, problems } = await open({ width });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
    for (const id of CHARTS) {
      const box = await page.locator(`#chart-${id} svg`).boundingBox();
      expect(box?.width).toBeLessThanOrEqual(width);
      expect(box?.width).toBeGreaterThan(width * 0.85);
    }
    expect(problems).toEqual([]);
    await page.close();
  });

  test.each([390, 1400])(
    'shows each table completely at a width of %d pixels, whatever names it has',
    async (width) => {
      const { page } = await open({ width });
      expect(await page.locator('td', { hasText: LONG }).count()).toBeGreaterThan(1);
      expect(await overflowing(page)).toEqual([]);
      await page.close();
    },
  );

  test('shows each value beside its heading on a narrow page, where tables stay tables for screen readers', async () => {
    const { page } = await open({ width: 390 });
    const label = (cell: number) =>
      page.evaluate<string>(
        `getComputedStyle(document.querySelectorAll('#cluster-list-title ~ .scroll td')[${cell}], '::before').content`,
      );
    expect([await label(0), await label(1), await label(2)]).toEqual(['"Cluster"', '"Project"', '"Size"']);
    const table = page.getByRole('table').first();
    expect(await table.getByRole('columnheader', { name: 'Dataset' }).count()).toBe(1);
    expect(await table.getByRole('cell').count()).toBeGreaterThan(10);
    await page.close();
  });

  test('is black on white on paper, complete, and with the charts of the screen', async () => {
    const { page, problems } = await open({ width: 1032, colorScheme: 'dark' });
    const dark = await ink(page);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await expect.poll(() => ink(page), PATIENT).not.toEqual(dark);
    expect(await ground(page)).toBe('rgb(255, 255, 255)');
    expect(await overflowing(page)).toEqual([]);
    expect(await page.locator('details:visible, nav:visible').count()).toBe(0);
    expect(await page.locator('#process-health-title ~ .scroll tbody tr:visible').count()).toBe(40);
    expect(await page.locator('#process-health-title ~ .paper:visible').textContent()).toMatch(
      /^Printed: the first 40 of \d+ rows\.$/,
    );
    // Chromium prints with the page's own listeners, so that errors there would be seen.
    expect((await page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString()).toBe('%PDF-');
    expect(problems).toEqual([]);
    await page.close();
  });

  test('resizes charts with the window', async () => {
    const { page } = await open();
    await page.setViewportSize({ width: 500, height: 900 });
    // Polls from outside, because the page's policy forbids evaluating text.
    await expect
      .poll(() => page.evaluate<number>("document.querySelector('#chart-volumes svg')?.clientWidth ?? 9999"))
      .toBeLessThan(500);
    await page.close();
  });
});

test('the first Tab skips the navigation, and the keyboard reaches every table to scroll it', async () => {
  const { page } = await open();
  await page.keyboard.press('Tab');
  expect(await page.evaluate<string | null>('document.activeElement?.textContent')).toBe('Skip to content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate<string | null>('document.activeElement?.id')).toBe('content');
  const reached = new Set<string>();
  for (let presses = 0; presses < 200; presses += 1) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate<string | null>(
      "document.activeElement?.getAttribute('aria-labelledby')",
    );
    if (label) reached.add(label);
  }
  const regions = await page
    .locator('.scroll')
    .evaluateAll((all) => all.map((region) => region.getAttribute('aria-labelledby') ?? ''));
  expect([...reached].sort()).toEqual(regions.sort());
  await page.close();
});

test('screen readers find landmarks, ordered headings, and names of charts and tables', async () => {
  const { page } = await open();
  for (const role of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
    expect(await page.getByRole(role).count()).toBe(1);
  }
  const levels = await page
    .locator('h1, h2, h3')
    .evaluateAll((all) => all.map(({ tagName }) => Number(tagName.slice(1))));
  expect(levels[0]).toBe(1);
  for (const [index, level] of levels.entries())
    expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
  const pictures = page.getByRole('img', { name: /The table below has the data\.$/ });
  expect(await pictures.count()).toBe(ALL_CHARTS.length);
  expect(await page.locator('.chart + .scroll table').count()).toBe(ALL_CHARTS.length);
  expect(await page.locator('th:not([scope])').count()).toBe(0);
  await page.close();
});

test('the report of an empty lake shows no charts, and an unwritable file is one line', async () => {
  const folder = await makeTemporaryFolder();
  try {
    await mkdir(path.join(folder, 'lake'));
    const output = path.join(folder, 'empty.html');
    expect((await runCli(['report', '--lake', folder, '--output', output])).code).toBe(0);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(output).href);
    expect(await page.locator('.chart').count()).toBe(0);
    expect(await page.locator('.empty').count()).toBe(31);
    await page.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
