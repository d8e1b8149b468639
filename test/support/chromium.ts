import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A real browser without a screen, from the system's packages: playwright's own would be a download of its own. */
export async function startChromium(): Promise<Browser> {
  const executablePath = PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error('these tests need a browser: apt-get install --no-install-recommends chromium');
  }
  // Containers seldom let Chromium make its sandbox; the page under test is the project's own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
