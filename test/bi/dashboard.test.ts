import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { charts } from '../../bi/charts.ts';
import { DAY } from '../../shared/durations.ts';
import { lakeTables } from '../../sql/tables.ts';
import { findChromium, startChromium } from '../support/chromium.ts';
import { HIVE_CATALOG } from '../trino/catalogs.ts';
import { collectLake } from '../trino/collected-lake.ts';
import { servers, startLakehouse } from '../trino/lakehouse.ts';
import { startPublishing } from '../trino/publishing.ts';
import { type OpenDashboard, packBundle, Superset } from './superset.ts';

const BUNDLE = fileURLToPath(new URL('../../bi/superset/', import.meta.url));

/** The days that landing tables show. All collections are of the last hours. */
const LANDING_DAYS = 2;

const setting = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error('These tests need Superset: npm run test:bi');
  return value;
};
const screenshots = setting('ATLAS_LAKE_TEST_SCREENSHOTS');

let browser: Browser;
let superset: Superset;
let dashboard: OpenDashboard;
beforeAll(async () => {
  const database = await publishLake();
  browser = await startChromium(findChromium() ?? '');
  superset = await Superset.open(browser, setting('ATLAS_LAKE_TEST_SUPERSET'));
  const address = `trino://user@${new URL(servers().trino).host}/${HIVE_CATALOG}/${database}`;
  await superset.importDashboards(await packBundle(BUNDLE, address));
  await mkdir(screenshots, { recursive: true });
  dashboard = await superset.openDashboard('atlas-lake', charts.length);
  await dashboard.page.screenshot({ path: path.join(screenshots, 'dashboard.png') });
});
afterAll(async () => {
  await superset?.close();
  await browser?.close();
});

/** Collects a simulated organisation and publishes its rows. Returns the name of their database. */
async function publishLake(): Promise<string> {
  const lake = await collectLake(2, { age: 5 * DAY, costs: 'P120D' });
  const house = await startLakehouse({ catalog: { landingDays: LANDING_DAYS } });
  try {
    await house.upload(lake.bucket);
    const publishing = await startPublishing(house, lakeTables);
    await publishing.execute();
    await publishing.close();
    return house.database;
  } finally {
    house.close();
    await lake.remove();
  }
}

describe.each(charts)('the chart $title', ({ title, days, shows }) => {
  const place = () => dashboard.page.locator(`[data-test-chart-name="${title}"]`);
  const answerOf = async () =>
    dashboard.answers.get(Number(await place().getAttribute('data-test-chart-id')));

  test('gets rows with values', async () => {
    const answer = await answerOf();
    expect(answer).toMatchObject({ status: 200, error: null });
    const rows = answer?.rows ?? [];
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some((row) => Object.values(row).some((value) => value !== null))).toBe(true);
  });

  test('is drawn without an error', async () => {
    await place().screenshot({ path: path.join(screenshots, `${title.replaceAll(' ', '-')}.png`) });
    expect(await place().getByRole('alert').allTextContents()).toEqual([]);
    const drawing = {
      number: '.header-line',
      lines: 'canvas',
      bars: 'canvas',
      rows: 'tbody tr',
      groups: 'tbody tr',
    };
    expect(await place().locator(drawing[shows.kind]).count()).toBeGreaterThan(0);
    expect(await place().textContent()).not.toMatch(/No data|No results|Unexpected error|NaN|undefined/);
    if (shows.kind === 'number') expect(await place().locator('.header-line').textContent()).toMatch(/\d/);
    if (drawing[shows.kind] === 'canvas') expect(await colouredPixels(title)).toBeGreaterThan(200);
  });

  test(`asks for ${days === 'range' ? 'the days of the filter' : 'all days'}`, async () => {
    const condition = /WHERE dt >= '\d{4}-\d\d-\d\d' AND dt < '\d{4}-\d\d-\d\d'/;
    expect(condition.test((await answerOf())?.sql ?? '')).toBe(days === 'range');
  });
});

test("the page's scripts report no error", () => {
  expect(dashboard.problems).toEqual([]);
});

/** Returns how many pixels of a chart have a colour. Axes and texts are grey. */
async function colouredPixels(title: string): Promise<number> {
  return dashboard.page.evaluate<number>(`(() => {
    const canvas = document.querySelector(${JSON.stringify(`[data-test-chart-name="${title}"] canvas`)});
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue, opaque] = data.subarray(at, at + 4);
      if (opaque > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) coloured += 1;
    }
    return coloured;
  })()`);
}
