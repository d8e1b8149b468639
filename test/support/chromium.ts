import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const NO_CHROMIUM =
  'these tests need a browser, and are skipped without: apt-get install --no-install-recommends chromium';

/**
 * Where the system's browser is; playwright's own would be a download of its own. Undefined where there is none, which
 * a machine of one's own may do without.
 * @throws in CI, where nothing is skipped
 */
export function findChromium(): string | undefined {
  const place = PLACES.find((candidate) => existsSync(candidate));
  if (place === undefined && process.env['CI']) throw new Error(NO_CHROMIUM);
  return place;
}

/** A real browser without a screen. */
export async function startChromium(executablePath: string): Promise<Browser> {
  // Containers seldom let Chromium make its sandbox; the page under test is the project's own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
