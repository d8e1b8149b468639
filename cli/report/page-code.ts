import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const PAGE = path.join(import.meta.dirname, 'page');

/** Returns the page's script, bundled with the charting library, and its styles. */
export async function pageCode(): Promise<{ script: string; style: string }> {
  return { script: await script(), style: await readFile(path.join(PAGE, 'style.css'), 'utf8') };
}

/** A package has a bundle instead of the page's sources, so that it needs neither esbuild nor the charting library. */
async function script(): Promise<string> {
  const source = path.join(PAGE, 'main.ts');
  if (!existsSync(source)) return readFile(path.join(PAGE, 'bundle.js'), 'utf8');
  const { bundlePage } = await import('./page-bundle.ts');
  return bundlePage(source);
}
