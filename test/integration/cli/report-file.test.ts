import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageCode } from '../../../cli/report/page-code.ts';
import { runCli } from '../../support/run-cli.ts';
import { createSampleLake } from '../../support/sample-lake.ts';
import type { WrittenLake } from '../../support/written-lake.ts';

/** The file as it is written. `report.slow.test.ts` opens it in a browser. */
let lake: WrittenLake;
beforeAll(async () => {
  lake = await createSampleLake();
});
afterAll(() => lake?.remove());

test('a report has every section, with a table or a word that it is empty', async () => {
  const file = path.join(lake.folder, 'report.html');
  const { code, stderr } = await runCli(['report', '--lake', lake.folder, '--output', file]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const html = await readFile(file, 'utf8');
  expect(html.match(/<article/g)).toHaveLength(45);
  expect(html.match(/<table|class="empty">/g)).toHaveLength(45);
  expect(html.match(/id="chart-/g)).toHaveLength(14);
  // The sample is months old, and has no row of most datasets.
  expect(html).toMatch(
    /<main[^>]*><section id="verdict" class="verdict wrong".*\n<h2[^>]*>Something is wrong: \d+ problems/,
  );
  expect(html).toContain(
    '<li>alerts: never collected; run collect, or disable the dataset in the configuration</li>',
  );
});

test('a report that cannot be written ends the command with 2 and one line', async () => {
  const file = path.join(lake.folder, 'no/where.html');
  const { code, stderr } = await runCli(['report', '--lake', lake.folder, '--output', file]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^atlas-lake: cannot write the report: .*\n$/);
});

test("the report's code stays below 1 MB", async () => {
  const { script, style } = await pageCode();
  expect(Buffer.byteLength(script) + Buffer.byteLength(style)).toBeLessThan(1_000_000);
});
