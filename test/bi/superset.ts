import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page, Response } from 'playwright-core';
import * as z from 'zod';

/** The only user of the installed Superset. */
export const ADMIN = { username: 'admin', password: 'admin' };

/** Charts answer in seconds, on a busy machine in minutes. */
const ANSWERS_MS = 300_000;

/** What a chart's data endpoint returned. */
export interface Answer {
  status: number;
  /** The SQL that Superset sent to the database. */
  sql: string;
  rows: Array<Record<string, unknown>>;
  error: string | null;
}

export interface OpenDashboard {
  page: Page;
  /** The last answer for each chart, by its id in Superset. */
  answers: ReadonlyMap<number, Answer>;
  /** Errors of the page's scripts. */
  problems: readonly string[];
}

const requestSchema = z.object({ form_data: z.object({ slice_id: z.number() }) });

const answerSchema = z.object({
  result: z.tuple([
    z.object({
      query: z.string().nullish(),
      error: z.string().nullish(),
      data: z.array(z.record(z.string(), z.unknown())).nullish(),
    }),
  ]),
});

/** Superset, as a person uses it who is logged in. */
export class Superset {
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext) {
    this.#context = context;
  }

  /** Logs in. The browser is high enough to show a whole dashboard, because Superset loads only visible charts. */
  static async open(browser: Browser, baseURL: string): Promise<Superset> {
    const viewport = { width: 1600, height: 2_600 };
    const context = await browser.newContext({ baseURL, viewport, timezoneId: 'America/New_York' });
    const response = await context.request.post('/login/', { form: ADMIN });
    if (!response.url().includes('welcome')) throw new Error(`Superset refused the login: ${response.url()}`);
    return new Superset(context);
  }

  /** Imports a bundle like the page *Dashboards* does. */
  async importDashboards(zip: Buffer): Promise<void> {
    const response = await this.#context.request.post('/api/v1/dashboard/import/', {
      multipart: {
        formData: { name: 'bundle.zip', mimeType: 'application/zip', buffer: zip },
        overwrite: 'true',
      },
      timeout: 120_000,
    });
    if (!response.ok()) throw new Error(`Superset refused the import: ${await response.text()}`);
  }

  /** Opens a dashboard and waits until each of its charts has an answer and nothing loads. */
  async openDashboard(slug: string, charts: number): Promise<OpenDashboard> {
    const page = await this.#context.newPage();
    const answers = new Map<number, Answer>();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('response', (response) => {
      if (!response.url().includes('/api/v1/chart/data')) return;
      readAnswer(response).then(
        ({ chart, answer }) => answers.set(chart, answer),
        (error: unknown) => problems.push(String(error)),
      );
    });
    await page.goto(`/superset/dashboard/${slug}/`);
    await page
      .locator('[data-test-chart-id]')
      .nth(charts - 1)
      .waitFor({ timeout: 180_000 });
    const end = performance.now() + ANSWERS_MS;
    while (answers.size < charts && performance.now() < end) await page.waitForTimeout(200);
    // The last answers need a moment until their charts are drawn, and lines grow for a second.
    await page.waitForTimeout(500);
    await page.locator('.loading').first().waitFor({ state: 'detached', timeout: 60_000 });
    await page.waitForTimeout(2_000);
    return { page, answers, problems };
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

async function readAnswer(response: Response): Promise<{ chart: number; answer: Answer }> {
  const { form_data } = requestSchema.parse(response.request().postDataJSON());
  const text = await response.text();
  const parsed = answerSchema.safeParse(text.startsWith('{') ? JSON.parse(text) : {});
  if (!parsed.success) {
    return {
      chart: form_data.slice_id,
      answer: { status: response.status(), sql: '', rows: [], error: text },
    };
  }
  const [{ query, data, error }] = parsed.data.result;
  const answer = { status: response.status(), sql: query ?? '', rows: data ?? [], error: error ?? null };
  return { chart: form_data.slice_id, answer };
}

/** Returns a bundle as an archive, with the address of another database in the one file that users change. */
export async function packBundle(bundle: string, address: string): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-bundle-'));
  try {
    await cp(bundle, path.join(folder, 'superset'), { recursive: true });
    const file = path.join(folder, 'superset/databases/Atlas_lake.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"awsathena[^"]*"/, JSON.stringify(address)));
    // The command that the documentation names.
    const zip = spawnSync('python3', ['-m', 'zipfile', '-c', 'superset.zip', 'superset/'], { cwd: folder });
    if (zip.status !== 0) throw new Error(`cannot write the archive: ${zip.stderr.toString()}`);
    return await readFile(path.join(folder, 'superset.zip'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
