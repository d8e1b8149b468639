import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { pageCode } from '../../../cli/report/page-code.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/build-page.ts', import.meta.url));

test("the package's page code is the one that a clone bundles", async () => {
  const folder = await makeTemporaryFolder();
  try {
    await promisify(execFile)(process.execPath, [SCRIPT, path.join(folder, 'page')]);
    const read = (file: string) => readFile(path.join(folder, 'page', file), 'utf8');
    expect({ script: await read('bundle.js'), style: await read('style.css') }).toEqual(await pageCode());
  } finally {
    await rm(folder, { recursive: true });
  }
});
