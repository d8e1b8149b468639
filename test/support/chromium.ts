import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const NO_CHROMIUM =
  'these tests are skipped without a browser. To install one: apt-get install --no-install-recommends chromium';

/**
 * Returns the path of the system's browser, or undefined if there is none. Playwright's own browser would be a separate
 * download.
 * @throws in CI if there is no browser, because CI skips no test
 */
export function findChromium(): string | undefined {
  const place = PLACES.find((candidate) => existsSync(candidate));
  if (place === undefined && process.env['CI']) throw new Error(NO_CHROMIUM);
  return place;
}

/** Starts a headless browser. */
export async function startChromium(executablePath: string): Promise<Browser> {
  // Most containers do not allow Chromium's sandbox. The page under test is the project's own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
